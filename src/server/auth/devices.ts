/** The devices that belong to a book: who they are, when they were last here, and taking their access away. */
import type { DatabaseSync } from 'node:sqlite';
import type { ClientId } from '../../core/ids.ts';
import type { Device } from '../../protocol/account.ts';
import { prepareAll, prepareOne, prepareRun } from '../database.ts';
import type { Committer } from '../streams/sqlite/committer.ts';
import type { Caller, Role } from './caller.ts';
import type { DeviceRow } from './statements.ts';

/** How exactly we remember when a device was last here. */
const SEEN_EVERY_MILLIS = 60_000;

interface Row extends DeviceRow {
  readonly person_name: string;
  readonly role: Role;
}

const FIELDS = `
  SELECT devices.*, users.name AS person_name, role
  FROM devices JOIN users USING (user_id) JOIN memberships USING (user_id) WHERE book_id = ?`;

export class Devices {
  readonly #committer: Committer;
  readonly #now: () => number;
  readonly #all: (bookId: string) => Row[];
  readonly #one: (bookId: string, clientId: string) => Row | null;
  readonly #setName: (name: string, clientId: string) => number;
  readonly #setRevoked: (now: number, clientId: string) => number;
  readonly #dropLinks: (clientId: string) => number;
  readonly #setSeen: (now: number, clientId: string) => number;
  /** When each device was last noted, so that its presence costs no write a request. */
  readonly #seen = new Map<ClientId, number>();

  /** @param now the server's clock, Unix milliseconds */
  constructor(db: DatabaseSync, committer: Committer, now: () => number) {
    this.#committer = committer;
    this.#now = now;
    this.#all = prepareAll(db, `${FIELDS} ORDER BY devices.created_at, devices.rowid`);
    this.#one = prepareOne(db, `${FIELDS} AND client_id = ?`);
    this.#setName = prepareRun(db, 'UPDATE devices SET name = ? WHERE client_id = ?');
    this.#setRevoked = prepareRun(db, 'UPDATE devices SET revoked_at = ? WHERE client_id = ? AND revoked_at IS NULL');
    this.#dropLinks = prepareRun(db, 'DELETE FROM codes WHERE made_by = ? AND used_at IS NULL');
    this.#setSeen = prepareRun(db, 'UPDATE devices SET seen_at = ? WHERE client_id = ?');
  }

  /** All devices of the caller's book, revoked ones included, in the order in which they came. */
  list(caller: Caller): Device[] {
    return this.#all(caller.bookId).map((row) => this.#deviceOf(row, caller));
  }

  /** A device of the caller's book; null when there is none of this id. */
  find(caller: Caller, clientId: ClientId): Device | null {
    const row = this.#one(caller.bookId, clientId);
    return row && this.#deviceOf(row, caller);
  }

  rename(clientId: ClientId, name: string): Promise<unknown> {
    return this.#committer.run(() => this.#setName(name, clientId));
  }

  /** Its token, and the links it made that nobody has used, open nothing from now on. */
  revoke(clientId: ClientId): Promise<unknown> {
    return this.#committer.run(() => {
      this.#dropLinks(clientId);
      return this.#setRevoked(this.#now(), clientId);
    });
  }

  /** Notes that a device was here. Of no consequence when it cannot be written. */
  seen(clientId: ClientId): void {
    const now = this.#now();
    if (now - (this.#seen.get(clientId) ?? 0) < SEEN_EVERY_MILLIS) return;
    this.#seen.set(clientId, now);
    this.#committer.runSoon(() => this.#setSeen(now, clientId)).catch(() => this.#seen.delete(clientId));
  }

  #deviceOf(row: Row, caller: Caller): Device {
    return {
      clientId: row.client_id,
      userId: row.user_id,
      name: row.name,
      personName: row.person_name,
      role: row.role,
      createdAt: row.created_at,
      // What was noted may not be written yet.
      seenAt: this.#seen.get(row.client_id) ?? row.seen_at,
      revokedAt: row.revoked_at,
      self: row.client_id === caller.clientId,
    };
  }
}
