/** Answers whose bodies are written to the connection itself: web streams cost more than all else that a live change takes. */
import type { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { StreamContext } from './stream-target.ts';

const writers = new WeakMap<ServerResponse, () => void>();

/** An answer with these headers, and with those that it gets on its way out; `write` is called once they are sent. */
export function liveAnswer(c: StreamContext, headers: Record<string, string>, write: () => void): Response {
  writers.set(c.env.outgoing, write);
  return c.body(null, 200, headers);
}

/** Begins to send a live answer, and leaves every other to the adapter. */
export function sendIfLive(response: Response, outgoing: ServerResponse): Response {
  const write = writers.get(outgoing);
  writers.delete(outgoing);
  // Something may have gone wrong after the answer was made.
  if (!write || response.status !== 200) return response;
  outgoing.writeHead(200, Object.fromEntries(response.headers));
  outgoing.flushHeaders();
  write();
  return RESPONSE_ALREADY_SENT;
}
