/** What this device keeps beside the database: whom it syncs with, and how many leaders there have been. */
import { Membership, RenewedToken } from '../protocol/account.ts';
import type { LastVerified } from '../protocol/verification.ts';
import type { Account } from '../protocol/worker.ts';
import { createStore, del, get, set, update } from 'idb-keyval';
import * as v from 'valibot';

const Credentials = v.object({
  serverUrl: v.pipe(v.string(), v.url()),
  membership: Membership,
  /** A renewed token that no use of has been answered yet: kept beside the one it is to take the place of. */
  nextToken: v.optional(RenewedToken.entries.token),
  /** When the token was drawn, Unix milliseconds by this device's clock; missing in what was kept before there was renewal. */
  tokenSince: v.optional(v.number()),
});
export type Credentials = v.InferOutput<typeof Credentials>;

const ACCOUNT = 'account';
const EPOCH = 'leaderEpoch';
const CHECKED_UP = 'checkedUpAt';
const VERIFIED = 'verified';
const CONTACT = 'contact';

const device = () => createStore('daybook-device', 'values');

/** The account of this device, or null; also null when what is kept there makes no sense (any more). */
export async function loadCredentials(): Promise<Credentials | null> {
  const kept = v.safeParse(Credentials, await get(ACCOUNT, device()));
  return kept.success ? kept.output : null;
}

/** Resolves when they are on disk. */
export function saveCredentials(credentials: Credentials): Promise<void> {
  return set(ACCOUNT, credentials, device());
}

export function forgetCredentials(): Promise<void> {
  return del(ACCOUNT, device());
}

/** When the database was last looked through and found in order, Unix milliseconds. */
export const checkupMemory = {
  read: async (): Promise<number | null> => (await get<number>(CHECKED_UP, device())) ?? null,
  write: (millis: number): Promise<void> => set(CHECKED_UP, millis, device()),
};

const Kept = v.object({
  serverUrl: v.string(),
  at: v.number(),
  outcome: v.variant('kind', [
    v.object({ kind: v.literal('same'), bundles: v.number() }),
    v.object({
      kind: v.literal('repaired'),
      bundles: v.number(),
      fetched: v.number(),
      sentAgain: v.number(),
      shortened: v.boolean(),
    }),
    v.object({ kind: v.literal('restarted') }),
  ]),
});

/** What came of the last "Verify with server" that told anything, and of which server. */
export const verifiedMemory = {
  /** Null when there was none with this server. */
  read: async (serverUrl: string): Promise<LastVerified | null> => {
    const kept = v.safeParse(Kept, await get(VERIFIED, device()));
    return kept.success && kept.output.serverUrl === serverUrl ? kept.output : null;
  },
  write: (serverUrl: string, last: LastVerified): Promise<void> => set(VERIFIED, { serverUrl, ...last }, device()),
};

const Contact = v.object({ serverUrl: v.string(), at: v.number() });

/** When the server last answered, Unix milliseconds by this device's clock, and which server that was. */
export const contactMemory = {
  /** Null when this one never did. */
  read: async (serverUrl: string): Promise<number | null> => {
    const kept = v.safeParse(Contact, await get(CONTACT, device()));
    return kept.success && kept.output.serverUrl === serverUrl ? kept.output.at : null;
  },
  write: (serverUrl: string, at: number): Promise<void> => set(CONTACT, { serverUrl, at }, device()),
};

/** All but the token. */
export function accountOf({ serverUrl, membership }: Credentials): Account {
  const { userId, clientId, bookId, role } = membership;
  return { serverUrl, userId, clientId, bookId, role };
}

/**
 * A number greater than any that this returned before on this device. Call it while holding the leader's lock.
 * Where IndexedDB fails, the clock is far ahead of every count and serves as one.
 */
export async function nextEpoch(): Promise<number> {
  let next = Date.now();
  try {
    await update<number>(EPOCH, (last = 0) => (next = last + 1), device());
  } catch (error) {
    console.warn('The count of leaders could not be kept:', error);
  }
  return next;
}
