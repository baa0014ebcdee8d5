import { Hono } from 'hono';
import { answerTo, commonHeaders } from '../server/http/app.ts';
import type { Env } from '../server/http/env.ts';
import { checkOrigin } from '../server/http/origin.ts';
import { StreamHandler } from '../server/http/streams.ts';
import { LIMITS, type Limits } from '../server/limits.ts';
import { serve, type Serving } from '../server/serve.ts';
import type { StreamStore } from '../server/streams/port.ts';

/**
 * Serves a store's streams to everybody under `/v1/stream/*`, without accounts: for the public conformance suite, and for
 * tests that need a bare Durable Streams server.
 */
export async function serveOpenStreams(store: StreamStore, limits: Limits = LIMITS): Promise<Serving> {
  const stopping = new AbortController();
  const handler = new StreamHandler({ store, limits, now: Date.now, random: Math.random, stopping: stopping.signal });
  const app = new Hono<Env>();
  app.onError((error) => answerTo(error).toResponse());
  app.use(commonHeaders);
  app.use(checkOrigin('*'));
  app.all('/v1/stream/*', (c) =>
    handler.handle(c, {
      path: c.req.path,
      cacheControl: 'public, max-age=60, stale-while-revalidate=300',
      reader: null,
      ended: null,
      check: () => {},
      checkDelete: () => {},
    }),
  );
  return serve(app, 'localhost', 0, limits, stopping);
}
