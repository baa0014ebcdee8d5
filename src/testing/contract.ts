/** Holds answers of the server to its OpenAPI document. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { default as addFormats } from 'ajv-formats';
import { openApi } from '../server/openapi/document.ts';
import type { Method, Operation, ResponseDescription } from '../server/openapi/operation.ts';
import { DESCRIBE_IT } from './routes.ts';

const KEY = 'openapi.json';
const document = openApi();
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
addFormats.default(ajv);
ajv.addSchema(rooted({ $defs: closed(document.components.schemas) }), KEY);
const validators = new Map<string, ValidateFunction>();

const paths = Object.entries(document.paths).map(([path, operations]) => ({
  path,
  operations,
  pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}));

/** Refusals that come before a route is found: of a page's origin, of too many calls, of a path or method that is none. */
const BEFORE_ROUTES: ReadonlySet<number> = new Set([401, 403, 404, 405, 429]);

/**
 * Throws when an answer is not as described: in its status, a header that is promised, its media type, or its body, which
 * may hold nothing that the document does not name. The response can still be read afterwards.
 * @param path as it was asked for, with query
 */
export async function checkAnswer(method: string, path: string, response: Response): Promise<void> {
  const pathname = path.split('?')[0]!;
  if (!pathname.startsWith('/v1/') || method === 'OPTIONS') return;
  const operations = paths.find(({ pattern }) => pattern.test(pathname))?.operations ?? {};
  // A GET answers HEAD as well.
  const operation =
    operations[method.toLowerCase() as Method] ?? (method === 'HEAD' ? operations['get'] : undefined) ?? null;
  const what = `${method} ${pathname} answered ${response.status}`;
  if (!operation) {
    if (!BEFORE_ROUTES.has(response.status)) throw new Error(`${what}, and is not described. ${DESCRIBE_IT}`);
    return;
  }
  const found = operation.responses[response.status];
  const described =
    found && '$ref' in found ? document.components.responses[found.$ref.slice(found.$ref.lastIndexOf('/') + 1)] : found;
  if (!described) throw new Error(`${what}, which ${operation.operationId} does not describe. ${DESCRIBE_IT}`);
  checkHeaders(what, described, response.headers);
  if (method !== 'HEAD') await checkBody(what, operation, described, response);
}

function checkHeaders(what: string, { headers = {} }: ResponseDescription, sent: Headers): void {
  for (const [name, { required, schema }] of Object.entries(headers)) {
    const value = sent.get(name);
    if (value === null) {
      if (required) throw new Error(`${what} without ${name}, which is promised.`);
      continue;
    }
    check(`${what}: ${name} ${value}`, JSON.stringify(schema), schema, value);
  }
}

async function checkBody(
  what: string,
  { operationId }: Operation,
  { content }: ResponseDescription,
  response: Response,
): Promise<void> {
  const type = response.headers.get('Content-Type')?.split(';')[0]!.trim() ?? null;
  if (!content) {
    // A 201 or 200 of a stream has its content type and no body.
    if (response.body && response.headers.get('Content-Length') !== '0' && (await response.clone().text()) !== '') {
      throw new Error(`${what} with a body, which ${operationId} does not describe.`);
    }
    return;
  }
  const described = type === null ? undefined : content[type];
  if (!described) throw new Error(`${what} as ${type}, which ${operationId} does not describe.`);
  if (type !== 'application/json') return;
  // A body that breaks off is for the test to find out.
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  if (body !== undefined) check(what, JSON.stringify(described.schema), described.schema, body);
}

function check(what: string, key: string, schema: object, value: unknown): void {
  let validate = validators.get(key);
  if (!validate) {
    validate = ajv.compile(rooted(schema));
    validators.set(key, validate);
  }
  if (!validate(value))
    throw new Error(`${what}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(value).slice(0, 300)}`);
}

/** A schema that finds the document's others where they were put. */
function rooted(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/schemas/', `"${KEY}#/$defs/`)) as object;
}

/** A schema with every object in it closed: nothing may come that is not described, a hash for one. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== 'object') return schema;
  const parts = Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, closed(part)]));
  return parts['type'] === 'object' && parts['properties'] ? { ...parts, additionalProperties: false } : parts;
}
