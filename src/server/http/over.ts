import type { ServerResponse } from 'node:http';

/**
 * Calls `over` once, when an answer is out or its connection is gone; at once when it is by now. An answer that waits behind
 * another on its connection (pipelining) hears of the connection's end as well.
 */
export function whenOver(outgoing: ServerResponse, over: () => void): void {
  if (outgoing.closed) over();
  else outgoing.once('close', over);
}
