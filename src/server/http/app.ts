import { Hono, type MiddlewareHandler } from 'hono';
import type { Context } from '../context.ts';
import { isBusy, isStorageFull } from '../database.ts';
import { accountRoutes } from './account-routes.ts';
import { Disconnected } from './body.ts';
import { appRoutes } from './app-routes.ts';
import { bookRoutes } from './book-routes.ts';
import type { Env } from './env.ts';
import { checkOrigin } from './origin.ts';
import { notFound, Refusal } from './refusal.ts';
import { snapshotRoutes } from './snapshot-routes.ts';

/** The whole of what the server answers. */
export function makeApp(context: Context): Hono<Env> {
  const { config, now } = context;
  const app = new Hono<Env>();
  app.onError((error) => answerTo(error).toResponse());
  app.notFound(() => notFound('There is nothing at this address.').toResponse());

  if (config.log === 'debug') {
    app.use(async (c, next) => {
      const start = now();
      await next();
      // Neither headers nor query nor body: no secret can slip in.
      const { method, path } = c.req;
      console.log(
        JSON.stringify({
          time: new Date(start).toISOString(),
          method,
          path,
          status: c.res.status,
          millis: now() - start,
        }),
      );
    });
  }
  app.use(commonHeaders);
  app.use('/v1/*', checkOrigin(config.origins));
  app.route('/', accountRoutes(context));
  app.route('/', bookRoutes(context));
  app.route('/', snapshotRoutes(context));
  app.route('/', appRoutes(config));
  return app;
}

/** What every answer says, errors included. */
export const commonHeaders: MiddlewareHandler<Env> = async (c, next) => {
  await next();
  c.res.headers.set('X-Content-Type-Options', 'nosniff');
  c.res.headers.set('Referrer-Policy', 'no-referrer');
  c.res.headers.set('Cross-Origin-Resource-Policy', 'same-origin');
};

/** Every error that reaches the top, as an answer. What nobody foresaw is written to the log and told to nobody. */
export function answerTo(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof Disconnected)
    return new Refusal(400, 'badRequest', 'The request broke off.', { Connection: 'close' });
  if (isStorageFull(error)) {
    return new Refusal(507, 'storageFull', "The server's storage is full; nothing was stored.", {
      'Retry-After': '60',
    });
  }
  if (isBusy(error))
    return new Refusal(503, 'internal', 'The server is busy. Try again in a moment.', { 'Retry-After': '2' });
  console.error(error);
  return new Refusal(500, 'internal', 'Something went wrong on the server. Nothing was stored; try again later.');
}
