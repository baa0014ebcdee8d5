import type { Socket } from 'node:net';
import type { Env } from './env.ts';

/** What waits for the end of answers, by connection: one listener for each, however many requests it carries at once. */
const waiting = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls `over` once, when an answer is out or its connection is gone. The answer's own `close` is not enough: one that waits
 * behind another on its connection (pipelining) never hears that this broke off.
 */
export function whenOver({ incoming, outgoing }: Env['Bindings'], over: () => void): void {
  const { socket } = incoming;
  const calls = waiting.get(socket) ?? begin(socket);
  const once = (): void => {
    if (calls.delete(once)) over();
  };
  calls.add(once);
  outgoing.once('close', once);
  if (socket.destroyed) once();
}

function begin(socket: Socket): Set<() => void> {
  const calls = new Set<() => void>();
  waiting.set(socket, calls);
  socket.once('close', () => {
    for (const call of [...calls]) call();
  });
  return calls;
}
