/**
 * The OpenAPI document of every route under /v1. `npm run openapi` writes it to docs/openapi.json; tests hold it against the
 * running server: every route is described, every described one is there, and every answer that a test gets is of a described
 * status, with the described headers and body (src/testing/contract.ts).
 */
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { accountPaths } from './account-paths.ts';
import { bookPaths } from './book-paths.ts';
import { componentResponses, type Paths, type ResponseDescription } from './operation.ts';
import { componentSchemas } from './schemas.ts';
import { snapshotPaths } from './snapshot-paths.ts';

export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Paths;
  readonly components: {
    readonly schemas: ReturnType<typeof componentSchemas>;
    readonly responses: Readonly<Record<string, ResponseDescription>>;
    readonly securitySchemes: object;
  };
}

export function openApi(): OpenApi {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Daybook server',
      version: `${PROTOCOL_VERSION}.0.0`,
      description:
        'Accounts and devices, and books: each one Durable Stream of bundles. Every error is an `ApiError`. Beside these routes the server hosts the app. Pages of other origins may call when the server’s keeper lists them (`DAYBOOK_ORIGINS`); their preflights (OPTIONS) are answered for every path under /v1.',
    },
    servers: [{ url: 'http://localhost:8787' }],
    paths: { ...accountPaths, ...bookPaths, ...snapshotPaths },
    components: {
      schemas: componentSchemas(),
      responses: componentResponses(),
      securitySchemes: {
        deviceToken: {
          type: 'http',
          scheme: 'bearer',
          description:
            '256 random bits, base64url, from claim, join or renewToken. In this header alone, never in an address.',
        },
      },
    },
  };
}
