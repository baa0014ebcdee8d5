/** Rows of dead letters and of quarantine, and the names that things go by outside of the store. */
import type { AttentionKind, HeldKind, ThingId } from '../../core/attention.ts';
import type { Event } from '../../core/event.ts';
import { eventsOf } from '../../core/bundle-codec.ts';
import { idToBytes, parseId, type BundleId, type ClientId, type UserId } from '../../core/ids.ts';
import { idFromSql } from '../blob.ts';
import type { SqlDatabase, SqlRow, SqlValue } from '../database.ts';
import { openContents, parsed, type HeldRow, type Reader } from '../ingest.ts';

export interface RefusedRow extends SqlRow {
  readonly kind: 'refused';
  readonly number: number;
  readonly id: SqlValue;
  readonly message: string;
  readonly events: number;
  readonly reason: string;
  readonly rejected_at: number;
  readonly made_at: number;
  readonly repair: number;
  readonly discarded_at: number | null;
}

export interface QuarantineRow extends HeldRow {
  readonly digest: number;
  readonly reason: string;
  readonly due: number | null;
  readonly arrived_at: number | null;
  readonly discarded_at: number | null;
}

/**
 * Which rows: those of a kind that need attention, those of it that were discarded, or one by its id, whether it was
 * discarded or not.
 */
export type Selection = 'attention' | 'discarded' | { readonly id: ThingId };

export function refusedRows(db: SqlDatabase, selection: Selection, after: number, limit: number): RefusedRow[] {
  const { where, params } = whereRefused(selection);
  return db.all<RefusedRow>(
    `SELECT 'refused' AS kind, number, id, message, events, reason, rejected_at, made_at, repair, discarded_at FROM dead_letters
     WHERE number > ? AND ${where} ORDER BY number LIMIT ${limit}`,
    [after, ...params],
  );
}

export function heldRows(
  db: SqlDatabase,
  kind: HeldKind,
  selection: Selection,
  after: number,
  limit: number,
): QuarantineRow[] {
  const { where, params } = whereHeld(kind, selection);
  return db.all<QuarantineRow>(
    `SELECT number, kind, digest, bundle_id, due, content, reason, version, arrived_at, discarded_at FROM quarantine
     WHERE number > ? AND ${where} ORDER BY number LIMIT ${limit}`,
    [after, ...params],
  );
}

interface Where {
  readonly where: string;
  readonly params: readonly SqlValue[];
}

export function whereOf(kind: AttentionKind, selection: Selection): Where & { readonly table: string } {
  return kind === 'refused'
    ? { table: 'dead_letters', ...whereRefused(selection) }
    : { table: 'quarantine', ...whereHeld(kind, selection) };
}

function whereRefused(selection: Selection): Where {
  if (typeof selection === 'string') return { where: discarded(selection), params: [] };
  const id = parseId<BundleId>(selection.id);
  return id === null ? { where: 'false', params: [] } : { where: 'id = ?', params: [idToBytes(id)] };
}

function whereHeld(kind: HeldKind, selection: Selection): Where {
  if (typeof selection === 'string') return { where: `kind = ? AND ${discarded(selection)}`, params: [kind] };
  // What was tried again may be of another kind since: the name says enough.
  const [number = NaN, digest = NaN] = selection.id.split(' ').map(Number);
  if (!Number.isInteger(number) || !Number.isInteger(digest)) return { where: 'false', params: [] };
  return { where: 'number = ? AND digest = ?', params: [number, digest] };
}

const discarded = (selection: 'attention' | 'discarded'): string =>
  selection === 'attention' ? 'discarded_at IS NULL' : 'discarded_at IS NOT NULL';

export const refusedId = (row: Pick<RefusedRow, 'id'>): ThingId => idFromSql<BundleId>(row.id) as string as ThingId;

/** Numbers are given out again once the last row is gone; its digest comes along. */
export const heldId = (row: Pick<QuarantineRow, 'number' | 'digest'>): ThingId =>
  `${row.number} ${row.digest}` as ThingId;

/** Events inside, and how many messages that their sender could not read; null when it cannot be read. */
export function contentsOf(
  reader: Reader,
  row: RefusedRow | QuarantineRow,
): { readonly events: readonly Event[]; readonly carried: number } | null {
  const value = parsed(row.kind === 'refused' ? row.message : row.content);
  if (!value.ok) return null;
  if (row.kind === 'future' || row.kind === 'malformed' || row.kind === 'unconfirmed') {
    const events = eventsOf(row.version, [value.value as object], reader.schema);
    return events.ok ? { events: events.value, carried: 0 } : null;
  }
  const bundle = reader.messages.read(value.value);
  const opened = bundle.ok ? openContents(bundle.value, reader) : null;
  return opened?.ok ? { events: opened.value.events, carried: opened.value.messages.length } : null;
}

/** Who sent what is held: its bundle says so, or its envelope, or the event itself. */
export function senderOf(
  db: SqlDatabase,
  row: QuarantineRow,
): { readonly clientId: ClientId; readonly userId: UserId | null } | null {
  const bundle =
    row.bundle_id === null
      ? null
      : db.get<{ client_id: SqlValue; user_id: SqlValue }>('SELECT client_id, user_id FROM bundles WHERE id = ?', [
          row.bundle_id,
        ]);
  if (bundle) return { clientId: idFromSql(bundle.client_id), userId: idFromSql(bundle.user_id) };
  const value = parsed(row.content);
  if (!value.ok || typeof value.value !== 'object' || value.value === null) return null;
  const { clientId, userId } = value.value as { readonly [part: string]: unknown };
  const client = parseId<ClientId>(clientId);
  return client === null ? null : { clientId: client, userId: parseId<UserId>(userId) };
}
