import type { DatabaseSync } from 'node:sqlite';
import type { BookId, ClientId, UserId } from '../../core/ids.ts';
import { prepareOne, prepareRun } from '../database.ts';
import type { Role } from './caller.ts';

export interface CodeRow {
  readonly code_hash: Uint8Array;
  readonly kind: 'setup' | 'device' | 'person';
  readonly user_id: UserId | null;
  readonly book_id: BookId | null;
  readonly expires_at: number | null;
  readonly used_at: number | null;
  readonly used_by: ClientId | null;
}

export interface DeviceRow {
  readonly client_id: ClientId;
  readonly user_id: UserId;
  readonly name: string;
  readonly token_hash: Uint8Array;
  /** Of the token that takes the place of the other when it is first used; null when none was drawn. */
  readonly next_token_hash: Uint8Array | null;
  readonly created_at: number;
  readonly seen_at: number | null;
  readonly revoked_at: number | null;
}

interface Standing {
  readonly book_id: BookId;
  readonly role: Role;
}

/** The statements that accounts need, prepared once. */
export type AccountStatements = ReturnType<typeof prepareAccounts>;

export function prepareAccounts(db: DatabaseSync) {
  return {
    ownerAndBook: prepareOne<{ user_id: UserId; book_id: BookId }>(
      db,
      `SELECT user_id, book_id FROM memberships JOIN books USING (book_id) WHERE role = 'owner' ORDER BY created_at LIMIT 1`,
    ),
    insertUser: prepareRun(db, 'INSERT INTO users (user_id, name, created_at) VALUES (?, ?, ?)'),
    insertBook: prepareRun(db, 'INSERT INTO books (book_id, created_at) VALUES (?, ?)'),
    insertMembership: prepareRun(
      db,
      'INSERT INTO memberships (book_id, user_id, role) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    role: prepareOne<{ role: Role }>(db, 'SELECT role FROM memberships WHERE book_id = ? AND user_id = ?'),

    code: prepareOne<CodeRow>(db, 'SELECT * FROM codes WHERE code_hash = ?'),
    insertCode: prepareRun(
      db,
      'INSERT INTO codes (code_hash, kind, user_id, book_id, made_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    useCode: prepareRun(db, 'UPDATE codes SET used_at = coalesce(used_at, ?), used_by = ? WHERE code_hash = ?'),
    dropUnusedSetupCodes: prepareRun(db, `DELETE FROM codes WHERE kind = 'setup' AND used_at IS NULL`),
    dropOldCodes: prepareRun(db, 'DELETE FROM codes WHERE expires_at < ?'),

    device: prepareOne<DeviceRow>(db, 'SELECT * FROM devices WHERE client_id = ?'),
    deviceByToken: prepareOne<DeviceRow & Standing>(
      db,
      `SELECT devices.*, book_id, role FROM devices JOIN memberships USING (user_id)
       WHERE token_hash = ?1 OR next_token_hash = ?1 ORDER BY role = 'owner' DESC LIMIT 1`,
    ),
    setNextToken: prepareRun(db, 'UPDATE devices SET next_token_hash = ? WHERE client_id = ? AND revoked_at IS NULL'),
    takeNextToken: prepareRun(
      db,
      'UPDATE devices SET token_hash = next_token_hash, next_token_hash = NULL WHERE next_token_hash = ?',
    ),
    putDevice: prepareRun(
      db,
      `INSERT INTO devices (client_id, user_id, name, token_hash, created_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET user_id = excluded.user_id, name = excluded.name, token_hash = excluded.token_hash,
         next_token_hash = NULL, revoked_at = NULL`,
    ),
  };
}
