/** The routes that the server really has, as its router tells them. */
import type { Context } from '../server/context.ts';
import { makeApp } from '../server/http/app.ts';
import { openApi } from '../server/openapi/document.ts';
import type { Method, Operation } from '../server/openapi/operation.ts';

/** What `routes.all` of a stream answers; every other method is 405. */
const STREAM_METHODS: readonly Method[] = ['get', 'head', 'put', 'post', 'delete'];

/** `post /v1/devices/{clientId}` for every route of the API, in order; middleware and the app's pages left out. */
export function routesOf(context: Context): string[] {
  const routes = makeApp(context)
    .routes.filter(({ path }) => path.startsWith('/v1/') && !path.includes('*'))
    .flatMap(({ method, path }) => {
      const methods = method === 'ALL' ? STREAM_METHODS : [method.toLowerCase()];
      return methods.map((one) => `${one} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    });
  return [...new Set(routes)].toSorted();
}

export interface DescribedRoute {
  /** `POST` */
  readonly method: string;
  /** `/v1/devices/{clientId}` */
  readonly path: string;
  readonly operation: Operation;
}

/** Every route that docs/openapi.json describes. */
export function describedRoutes(): DescribedRoute[] {
  return Object.entries(openApi().paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

/** What to do about a route that is not described. */
export const DESCRIBE_IT =
  'Every route is described in src/server/openapi/*-paths.ts (then `npm run openapi`): from there come docs/openapi.json, the matrix of who may call what, and the fuzzer.';
