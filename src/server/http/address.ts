/** Where a request comes from. Forwarding headers count only when a proxy of ours is known to write them. */
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

/** Headers that proxies add. */
const FORWARDING = /^(forwarded|via|x-forwarded-.*|x-real-ip|x-client-ip|true-client-ip|cf-.*)$/;

/** Whether a host name, without port, means this very machine. */
export function isLoopbackName(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

/** The client's address, for rate limits: behind our proxy, what the proxy saw. */
export function addressOf(incoming: IncomingMessage, behindProxy: boolean): string {
  const forwarded = incoming.headers['x-forwarded-for'];
  if (behindProxy && forwarded !== undefined) return neighbourhood(String(forwarded).split(',').at(-1)!);
  return neighbourhood(incoming.socket.remoteAddress ?? 'unknown');
}

/**
 * What counts as one address: of IPv6 the first half, since whoever has one has the 2^64 that share it; of what some proxies
 * write with a port, the address alone, since each connection has a port of its own.
 */
export function neighbourhood(written: string): string {
  const text = written.trim().toLowerCase();
  const address = text
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
    .replace(/^::ffff:(?=[\d.]+$)/, '')
    .replace(/%.*$/, '');
  if (!isIPv6(address)) return address;
  const [head, tail] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const groups = tail
    ? [...head!, ...Array<string>(Math.max(0, 8 - head!.length - tail.length)).fill('0'), ...tail]
    : head!;
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

/**
 * Whether a request was made on this very machine and to this very machine: what lets an unclaimed server be claimed
 * without its code. A proxy would make everybody look local, so any trace of one says no, as does a Host that a page
 * elsewhere could have pointed here (DNS rebinding).
 */
export function isLoopback(incoming: IncomingMessage, behindProxy: boolean): boolean {
  const address = (incoming.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  if (behindProxy || !isLoopbackName(address)) return false;
  // nginx, told nothing else, adds no header and speaks the old version.
  if (incoming.httpVersion === '1.0') return false;
  if (Object.keys(incoming.headers).some((name) => FORWARDING.test(name))) return false;
  const host = incoming.headers.host ?? '';
  return isLoopbackName(host.replace(/:\d+$/, ''));
}
