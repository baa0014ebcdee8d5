/** A whole client in Node: a real store, the real driver, and HTTP. Its window is the test. */
import { randomBytes } from 'node:crypto';
import type { BookId, ClientId, CommandId, EntityId, UserId } from '../core/ids.ts';
import { mintId, type Id } from '../core/ids.ts';
import type { Command } from '../core/command.ts';
import { bundleIdsPath, streamPath, type Membership } from '../protocol/account.ts';
import { snapshotsPath } from '../protocol/snapshot-offer.ts';
import type { Status, SyncDetails } from '../protocol/status.ts';
import { openStore } from '../store/book.ts';
import type { Store } from '../store/store.ts';
import { Driver, type Session } from '../sync/driver.ts';
import { createHttpTransport } from '../sync/http-transport.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import { canonicalDump } from './canonical-dump.ts';
import { after, nodePlatform } from './node-platform.ts';
import { NodeSqlite } from './node-sqlite.ts';
import { must } from './test-book.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** Where a client syncs: an account of ours, or a bare stream of any server. */
export type Target =
  | {
      readonly origin: string;
      readonly membership: Membership;
      /** Whether snapshots are used; they are, unless it says no. */
      readonly snapshots?: boolean;
    }
  | { readonly streamUrl: string; readonly bookId: BookId; readonly userId: UserId };

export class SyncClient {
  readonly db: NodeSqlite;
  readonly store: Store;
  readonly driver: Driver;
  status: Status = { kind: 'local' };
  details: SyncDetails | null = null;
  /** Every status that was shown, in order. */
  readonly shown: Status[] = [];
  readonly #now: () => number;

  /**
   * @param path file of its database; what is there already is gone on with
   * @param dice at random from [0, 1)
   */
  constructor(path = ':memory:', now: () => number = Date.now, dice: () => number = Math.random) {
    this.#now = now;
    this.db = new NodeSqlite(path);
    this.store = must(openStore(this.db, { random, now, messages: bundleMessages }));
    this.driver = new Driver({
      store: this.store.sync,
      clock: { wall: now, steady: () => performance.now() },
      after,
      random: dice,
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
      onStatus: (status, details) => {
        this.status = status;
        this.details = details;
        this.shown.push(status);
      },
      onChanged: () => this.store.subscriptions.refresh(),
    });
  }

  get clientId(): ClientId {
    return this.store.identity().clientId;
  }

  /** Links the book and begins to sync. */
  link(target: Target): this {
    const { bookId, userId } = 'membership' in target ? target.membership : target;
    this.store.adoptBook(bookId, userId);
    this.driver.start(this.#session(target));
    return this;
  }

  mint<T extends Id<string> = EntityId>(): T {
    return mintId<T>(this.#now(), random);
  }

  /** Carries out a command that must succeed, and lets the driver know. */
  do(command: Command): void {
    must(this.store.execute({ id: this.mint<CommandId>(), command }));
    this.driver.changed();
  }

  /** What the book comes to, as text. */
  dump(): string[] {
    return canonicalDump(this.db);
  }

  /** How many events the log holds. */
  get events(): number {
    return this.store.stats().events;
  }

  /** As a tab that dies: nothing is finished, the file stays. */
  close(): void {
    this.driver.stop();
    this.store.close();
  }

  #session(target: Target): Session {
    const account = 'membership' in target ? target : null;
    const { bookId, userId } = account ? account.membership : (target as Exclude<Target, { membership: Membership }>);
    const { clientId } = this;
    return {
      link: { bookId, userId, clientId },
      serverUrl: account ? account.origin : (target as { streamUrl: string }).streamUrl,
      transport: createHttpTransport({
        platform: nodePlatform(this.#now),
        streamUrl: account ? account.origin + streamPath(bookId) : (target as { streamUrl: string }).streamUrl,
        timeUrl: account ? `${account.origin}/v1/time` : null,
        idsUrl: account ? account.origin + bundleIdsPath(bookId) : null,
        bookId,
        producerId: clientId,
        token: account ? account.membership.token : null,
        gzip: account !== null,
        snapshotsUrl: account && account.snapshots !== false ? account.origin + snapshotsPath(bookId) : null,
      }),
      renew: async () => {
        this.store.newClient();
        // A server with accounts knows the new name once the test has made it a device, and has linked it again.
        if (account) return { kind: 'unauthorized', message: 'This name is no device yet.' };
        return { kind: 'renewed', session: this.#session(target) };
      },
    };
  }
}

/** Waits until something is so; fails with `what` after the time is up. */
export async function until(what: string, holds: () => boolean, millis = 60_000): Promise<void> {
  const end = performance.now() + millis;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
