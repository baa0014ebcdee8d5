/** The one place where it is decided who may do what. */
import type { MiddlewareHandler } from 'hono';
import { type BookId, parseId } from '../../core/ids.ts';
import type { Config } from '../config.ts';
import { isBusy, isStorageFull } from '../database.ts';
import { addressOf } from '../http/address.ts';
import type { RequestsAtOnce } from '../http/at-once.ts';
import type { Env } from '../http/env.ts';
import type { RateLimit } from '../http/rate-limit.ts';
import type { Rates } from '../http/rates.ts';
import { forbidden, Refusal } from '../http/refusal.ts';
import type { Accounts } from './accounts.ts';
import type { Caller } from './caller.ts';
import type { Connections } from './connections.ts';
import type { Devices } from './devices.ts';

const TOKEN = /^Bearer ([A-Za-z0-9_-]{40,100})$/i;

/** The answer to everybody without a good token. */
export const unauthorized = (): Refusal =>
  new Refusal(401, 'unauthorized', 'This device is not linked to this server, or its access was revoked.', {
    'WWW-Authenticate': 'Bearer',
  });

export interface AccessServices {
  readonly accounts: Accounts;
  readonly connections: Connections;
  readonly devices: Devices;
  /** By device. */
  readonly deviceRate: RateLimit;
  readonly atOnce: RequestsAtOnce;
  /** By address, of requests that need no token. */
  readonly addressAtOnce: RequestsAtOnce;
  readonly rates: Rates;
  readonly config: Pick<Config, 'behindProxy'>;
}

/** Counts requests that show no token against their address. */
export function limitAddress({
  rates,
  addressAtOnce,
  config,
}: Pick<AccessServices, 'rates' | 'addressAtOnce' | 'config'>): MiddlewareHandler<Env> {
  return async (c, next) => {
    const address = addressOf(c.env.incoming, config.behindProxy);
    rates.address.take(address);
    addressAtOnce.enter(address, c.env);
    await next();
  };
}

/** Lets known devices pass, as `c.var.caller`; answers everybody else with 401. */
export function requireDevice({
  accounts,
  connections,
  devices,
  deviceRate,
  atOnce,
  rates,
  config,
}: AccessServices): MiddlewareHandler<Env> {
  /** A renewed token takes the place of the one before it, and ends what that one has open, before it opens anything. */
  async function callerOf(token: string): Promise<Caller | null> {
    const known = accounts.callerOf(token);
    if (!known?.isNext) return known && known.caller;
    try {
      await accounts.takeRenewed(token);
      connections.end(known.caller.clientId);
    } catch (error) {
      // Both tokens stay good, and the next use tries again: a full disk keeps nobody out.
      if (!isStorageFull(error) && !isBusy(error)) throw error;
    }
    // Meanwhile the device may have been revoked.
    return accounts.callerOf(token)?.caller ?? null;
  }

  return async (c, next) => {
    const token = TOKEN.exec(c.req.header('Authorization') ?? '')?.[1];
    const caller = token === undefined ? null : await callerOf(token);
    if (!caller) {
      rates.address.take(addressOf(c.env.incoming, config.behindProxy));
      throw unauthorized();
    }
    deviceRate.take(caller.clientId);
    atOnce.enter(caller.clientId, c.env);
    devices.seen(caller.clientId);
    c.set('caller', caller);
    // Taken in the same breath as the look at the token: a revocation from here on reaches this request.
    c.set('ended', connections.signalOf(caller.clientId));
    await next();
  };
}

/**
 * Lets devices of the book's members pass, with their role in it. A book that does not exist and one that is somebody
 * else's get the same answer, 403.
 */
export function requireMember(services: AccessServices): MiddlewareHandler<Env> {
  const device = requireDevice(services);
  return (c, next) =>
    device(c, async () => {
      const bookId = parseId<BookId>(c.req.param('bookId'));
      const { caller } = c.var;
      const role = bookId && services.accounts.roleIn(bookId, caller.userId);
      if (!bookId || !role) throw forbidden('This device has no access to this book.');
      c.set('caller', { ...caller, bookId, role });
      await next();
    });
}

/** Refuses members. */
export function requireOwner(caller: Caller, what: string): void {
  if (caller.role !== 'owner') throw forbidden(`Only the owner may ${what}.`);
}
