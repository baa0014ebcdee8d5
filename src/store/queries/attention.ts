import {
  ATTENTION_KINDS,
  type AttentionAnswer,
  type AttentionKind,
  type Thing,
  type ThingContents,
  type ThingGroup,
} from '../../core/attention.ts';
import type { EntityId } from '../../core/ids.ts';
import {
  contentsOf,
  heldId,
  heldRows,
  refusedId,
  refusedRows,
  senderOf,
  whereOf,
  type QuarantineRow,
  type RefusedRow,
  type Selection,
} from '../attention/things.ts';
import { idFromSql, numberOf } from '../blob.ts';
import type { Catalog } from '../catalog.ts';
import { readNumber } from '../config.ts';
import type { SqlDatabase } from '../database.ts';
import type { Reader } from '../ingest.ts';
import { readTitles } from './titles.ts';

/** Entities of one thing that are told by name, and names of what is changed of each. */
const RECORDS_TOLD = 5;
const FIELDS_TOLD = 12;

/** What needs attention and what was discarded, kind by kind. @param limit things of each kind that are told */
export function answerAttention(db: SqlDatabase, catalog: Catalog, reader: Reader, limit: number): AttentionAnswer {
  const groups = (selection: 'attention' | 'discarded'): ThingGroup[] =>
    ATTENTION_KINDS.flatMap((kind) => groupOf(db, catalog, reader, kind, selection, limit) ?? []);
  return { groups: groups('attention'), discarded: groups('discarded') };
}

function groupOf(
  db: SqlDatabase,
  catalog: Catalog,
  reader: Reader,
  kind: AttentionKind,
  selection: Selection,
  limit: number,
): ThingGroup | null {
  const { table, where, params } = whereOf(kind, selection);
  const total = numberOf(db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table} WHERE ${where}`, params)?.n ?? 0);
  if (total === 0) return null;
  const rows = kind === 'refused' ? refusedRows(db, selection, 0, limit) : heldRows(db, kind, selection, 0, limit);
  return { kind, total, things: rows.map((row) => readThing(db, catalog, reader, row)) };
}

function readThing(db: SqlDatabase, catalog: Catalog, reader: Reader, row: RefusedRow | QuarantineRow): Thing {
  const { reason } = row;
  const onThisDevice = (millis: number): number => millis + readNumber(db, 'clock_offset', 0);
  const discardedAt = row.discarded_at === null ? null : onThisDevice(row.discarded_at);
  const contents = readContents(db, catalog, reader, row);
  if (row.kind === 'refused') {
    return {
      kind: 'refused',
      id: refusedId(row),
      bundleId: idFromSql(row.id),
      reason,
      bytes: row.message.length,
      contents,
      discardedAt,
      refusedAt: row.rejected_at,
      madeAt: onThisDevice(row.made_at),
    };
  }
  return {
    kind: row.kind,
    id: heldId(row),
    bundleId: row.bundle_id === null ? null : idFromSql(row.bundle_id),
    reason,
    bytes: row.content.length,
    contents,
    discardedAt,
    arrivedAt: row.arrived_at === null ? null : onThisDevice(row.arrived_at),
    due: row.due === null ? null : onThisDevice(row.due),
    sender: senderOf(db, row),
  };
}

function readContents(
  db: SqlDatabase,
  catalog: Catalog,
  reader: Reader,
  row: RefusedRow | QuarantineRow,
): ThingContents | null {
  const inside = contentsOf(reader, row);
  if (inside === null) return null;
  const fields = new Map<EntityId, Set<string>>();
  for (const { entityId, attribute } of inside.events) {
    const known = fields.get(entityId);
    if (known) known.add(attribute);
    else fields.set(entityId, new Set([attribute]));
  }
  const told = [...fields].slice(0, RECORDS_TOLD);
  const titles = readTitles(db, catalog, new Map(told).keys());
  return {
    changes: inside.events.length + inside.carried,
    records: told.map(([entityId, attributes]) => ({
      entityId,
      title: titles.get(entityId)?.title ?? '',
      type: titles.get(entityId)?.type ?? null,
      fields: Array.from(attributes)
        .slice(0, FIELDS_TOLD)
        .map((attribute) => ({ attribute, name: catalog.fields.get(attribute as EntityId)?.name ?? null })),
    })),
    more: fields.size - told.length,
  };
}
