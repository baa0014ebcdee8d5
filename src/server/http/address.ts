/** Where a request comes from. Forwarding headers count only when a proxy of ours is known to write them. */
import type { IncomingMessage } from 'node:http';

const FORWARDING = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];

/** Whether a host name, without port, means this very machine. */
export function isLoopbackName(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

/** The client's address, for rate limits: behind our proxy, what the proxy saw. */
export function addressOf(incoming: IncomingMessage, behindProxy: boolean): string {
  const forwarded = incoming.headers['x-forwarded-for'];
  if (behindProxy && forwarded !== undefined) return String(forwarded).split(',').at(-1)!.trim();
  return incoming.socket.remoteAddress ?? 'unknown';
}

/**
 * Whether a request was made on this very machine and to this very machine: what lets an unclaimed server be claimed
 * without its code. A proxy would make everybody look local, so any trace of one says no, as does a Host that a page
 * elsewhere could have pointed here (DNS rebinding).
 */
export function isLoopback(incoming: IncomingMessage, behindProxy: boolean): boolean {
  const address = (incoming.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  if (behindProxy || !isLoopbackName(address)) return false;
  if (FORWARDING.some((name) => incoming.headers[name] !== undefined)) return false;
  const host = incoming.headers.host ?? '';
  return isLoopbackName(host.replace(/:\d+$/, ''));
}
