import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DaybookServer, startDaybook } from '../../testing/daybook-server.ts';
import { checkAnswer } from '../../testing/contract.ts';
import { DESCRIBE_IT, describedRoutes, routesOf } from '../../testing/routes.ts';
import { openApi } from './document.ts';

let server: DaybookServer;
beforeAll(async () => {
  server = await startDaybook();
});
afterAll(() => server.stop());

const described = describedRoutes().map(({ method, path }) => `${method.toLowerCase()} ${path}`);

test('every route of the running server is described, and every described one is there', () => {
  expect(described.toSorted(), DESCRIBE_IT).toEqual(routesOf(server.context));
});

test('the document is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(openApi()) as never);
  expect(errors ?? null).toBeNull();
  expect(valid).toBe(true);
});

test('docs/openapi.json is what the code describes', () => {
  const file = readFileSync(resolve(import.meta.dirname, '../../../docs/openapi.json'), 'utf8');
  expect(JSON.parse(file), 'npm run openapi writes it anew').toEqual(JSON.parse(JSON.stringify(openApi())));
});

test('every parameter of a path is described, and every operation has a name of its own', () => {
  const names = describedRoutes().map(({ operation }) => operation.operationId);
  expect(new Set(names).size).toBe(names.length);
  for (const { path, operation } of describedRoutes()) {
    const inPath = operation.parameters.filter((one) => one.in === 'path').map(({ name }) => `{${name}}`);
    expect(inPath.toSorted()).toEqual((path.match(/\{\w+\}/g) ?? []).toSorted());
  }
});

test('an answer that is not as described does not pass for one', async () => {
  const json = (body: unknown, status = 200, headers: Record<string, string> = { 'Cache-Control': 'no-store' }) =>
    Response.json(body, { status, headers });
  await checkAnswer('GET', '/v1/time', json({ millis: 1 }));
  await expect(checkAnswer('GET', '/v1/time', json({ millis: 'now' }))).rejects.toThrow('must be integer');
  await expect(checkAnswer('GET', '/v1/time', json({ millis: 1, token: 'x' }))).rejects.toThrow('additional');
  await expect(checkAnswer('GET', '/v1/time', json({ millis: 1 }, 200, {}))).rejects.toThrow('without Cache-Control');
  await expect(checkAnswer('GET', '/v1/time', json({ millis: 1 }, 202))).rejects.toThrow('does not describe');
  const slowDown = { error: { code: 'tooMany', message: 'Slow down.' } };
  await expect(checkAnswer('GET', '/v1/time', json(slowDown, 429))).rejects.toThrow('without Retry-After');
  await expect(checkAnswer('POST', '/v1/new', json({}))).rejects.toThrow('is not described');
  const devices = { devices: [{ clientId: 'x' }] };
  await expect(checkAnswer('GET', '/v1/devices', json(devices))).rejects.toThrow('required');
  const page = new Response('<p>Hello</p>', { headers: { 'Content-Type': 'text/html', 'Cache-Control': 'no-store' } });
  await expect(checkAnswer('GET', '/v1/time', page)).rejects.toThrow('text/html');
});
