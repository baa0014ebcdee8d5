import type { Context } from 'hono';
import * as v from 'valibot';
import { readBody } from './body.ts';
import type { Env } from './env.ts';
import { badRequest } from './refusal.ts';

/** Requests of the account API are a few hundred bytes. */
const LIMITS = { bodyBytes: 16_384, decodedBytes: 16_384 };

/** The body of a request, checked against its schema. Throws a Refusal 400 that names the first thing wrong. */
export async function readJson<Schema extends v.GenericSchema>(
  c: Context<Env>,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const body = await readBody(c.env.incoming, LIMITS);
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw badRequest('The body is not valid JSON.');
  }
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (!result.success) throw badRequest(describe(result.issues[0]));
  return result.output;
}

/** `device.name: Invalid length…`, without repeating what was sent: it may be a code. */
export function describe(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return `${path === null ? 'The body' : path}: expected ${issue.expected ?? issue.message}.`;
}
