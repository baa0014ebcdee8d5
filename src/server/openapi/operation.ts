/** How a route is described. Whatever holds for all of them is said once, here. */
import type { JsonSchema } from '@valibot/to-json-schema';
import { ref, type SchemaName } from './schemas.ts';

/** Who may call: anyone; a device with a good token; a device of a member, or of the owner, of the book in the path. */
export type Access = 'anyone' | 'device' | 'member' | 'owner';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly example?: string;
}

export const inPath = (
  name: string,
  description: string,
  schema: JsonSchema = { type: 'string', format: 'uuid' },
): Parameter => ({ name, in: 'path', required: true, description, schema });

export interface HeaderDescription {
  readonly description: string;
  /** Whether every such answer has it. */
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

export interface ResponseDescription {
  readonly description: string;
  readonly headers?: Readonly<Record<string, HeaderDescription>>;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly 'x-access': Access;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  };
  readonly responses: Readonly<Record<string, ResponseDescription | { readonly $ref: string }>>;
}

export type Method = 'get' | 'head' | 'put' | 'post' | 'patch' | 'delete';
/** Operations by path, `/v1/devices/{clientId}`, and method. */
export type Paths = Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>;

const text: JsonSchema = { type: 'string' };
const retryAfter: HeaderDescription = {
  description: 'Seconds after which it is worth trying again.',
  required: true,
  schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
};

/** Errors, by status: why, and what the answer says in headers. Their body is an ApiError. */
const REFUSALS = {
  400: ['What was sent is malformed; the message names the first thing wrong.', {}],
  401: [
    'No token, or one that is nobody’s (any more).',
    { 'WWW-Authenticate': { description: '`Bearer`', required: true, schema: { const: 'Bearer' } } },
  ],
  403: ['A page of an origin that is not allowed, or a caller who may not do this.', {}],
  404: ['There is no such thing.', {}],
  409: ['It does not go with what is there already.', {}],
  410: ['The offset belongs to another log, or to a state that was put back: read from the start.', {}],
  413: ['The body is too large, as it comes or unpacked.', {}],
  429: ['Too many requests, or too many live connections.', { 'Retry-After': retryAfter }],
  500: ['Something unforeseen. Nothing was stored.', {}],
  501: ['This part of Durable Streams is not there: streams do not fork.', {}],
  503: ['The server is busy.', { 'Retry-After': retryAfter }],
  507: ['The server’s storage is full. Nothing was stored.', { 'Retry-After': retryAfter }],
} as const satisfies Readonly<Record<number, readonly [string, Readonly<Record<string, HeaderDescription>>]>>;

type RefusalStatus = keyof typeof REFUSALS;

/** What any route may answer. */
const ALWAYS: readonly RefusalStatus[] = [403, 429, 500, 503, 507];

export interface Route {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly access: Access;
  readonly parameters?: readonly Parameter[];
  /** A body in JSON, or of plain bytes; `required: false` where it may be left out. */
  readonly body?: { readonly schema: SchemaName | 'bytes'; readonly required: boolean };
  readonly answers: Readonly<Record<number, ResponseDescription>>;
  /** Errors beside those of every route, of every route with a token and of every route with a body. */
  readonly refusals?: readonly RefusalStatus[];
}

export function operation(route: Route): Operation {
  const { id, summary, description, tag, access, parameters = [], body, answers, refusals = [] } = route;
  const statuses = new Set<RefusalStatus>([
    ...ALWAYS,
    ...(access === 'anyone' ? [] : [401 as const]),
    ...(body ? ([400, 413] as const) : []),
    ...refusals,
  ]);
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    tags: [tag],
    security: access === 'anyone' ? [] : [{ deviceToken: [] }],
    'x-access': access,
    parameters,
    ...(body && {
      requestBody: {
        required: body.required,
        content: body.schema === 'bytes' ? BYTES : { 'application/json': { schema: ref(body.schema) } },
      },
    }),
    responses: { ...answers, ...Object.fromEntries([...statuses].map((status) => [status, refusalRef(status)])) },
  };
}

const nameOf = (status: number | string): string => `Refusal${status}`;
const refusalRef = (status: RefusalStatus) => ({ $ref: `#/components/responses/${nameOf(status)}` });

/** The errors that operations refer to, by name. */
export function componentResponses(): Readonly<Record<string, ResponseDescription>> {
  return Object.fromEntries(
    Object.entries(REFUSALS).map(([status, [description, headers]]) => [
      nameOf(status),
      { description, headers, content: { 'application/json': { schema: ref('ApiError') } } },
    ]),
  );
}

/** An answer, or a body, of plain bytes. */
export const BYTES = { 'application/octet-stream': { schema: {} } };

/** An answer in JSON. */
export const json = (
  schema: SchemaName,
  description: string,
  headers: Readonly<Record<string, HeaderDescription>> = {},
): ResponseDescription => ({
  description,
  headers,
  content: { 'application/json': { schema: ref(schema) } },
});

/** An answer that nobody may keep. */
export const unkept = (schema: SchemaName, description: string): ResponseDescription =>
  json(schema, description, {
    'Cache-Control': { description: '`no-store`', required: true, schema: { const: 'no-store' } },
  });

export const header = (description: string, required = false, schema: JsonSchema = text): HeaderDescription => ({
  description,
  required,
  schema,
});
