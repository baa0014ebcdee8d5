/** What a backup says of itself. Read from its events and its few settings: what it derived from them is not believed. */
import { DELETED, NAME, TYPE, USER } from '../core/attribute.ts';
import type { AttributeName } from '../core/event.ts';
import { idToBytes, parseId, type BookId, type Id } from '../core/ids.ts';
import type { BackupPreview } from '../core/transfer.ts';
import type { JsonValue } from '../core/value.ts';
import { idFromSql } from './blob.ts';
import type { SqlDatabase, SqlValue } from './database.ts';

/** More types than anybody looks through. */
const TYPES_TOLD = 50;

export type BackupFacts = Pick<BackupPreview, 'bookId' | 'device' | 'person' | 'madeAt' | 'types'>;

export function readFacts(db: SqlDatabase): BackupFacts {
  const client = idFromSql<Id<string>>(settingOf(db, 'client'));
  const device = newest(db, client, NAME);
  const owner = settingOf(db, 'user');
  const user = owner === null ? parseId<Id<string>>(newest(db, client, USER)) : idFromSql<Id<string>>(owner);
  const person = user === null ? null : newest(db, user, NAME);
  const madeAt = settingOf(db, 'backed_up_at');
  return {
    bookId: idFromSql<BookId>(settingOf(db, 'book')),
    device: nameOf(device),
    person: nameOf(person),
    madeAt: typeof madeAt === 'number' ? madeAt : null,
    types: readTypes(db),
  };
}

function settingOf(db: SqlDatabase, key: string): SqlValue {
  return db.get<{ value: SqlValue }>('SELECT value FROM incoming.config WHERE key = ?', [key])?.value ?? null;
}

/** Records by user-made type, those in the Trash left out. */
function readTypes(db: SqlDatabase): BackupFacts['types'] {
  const rows = db.all<{ type: string; records: number }>(
    `SELECT t.value AS type, count(*) AS records
     FROM (SELECT entity_id, value, max(timestamp) FROM incoming.events INDEXED BY events_key
           WHERE attribute = '${TYPE}' GROUP BY entity_id) t
     WHERE length(t.value) = 38 AND coalesce((SELECT d.value FROM incoming.events d WHERE d.entity_id = t.entity_id
       AND d.attribute = '${DELETED}' ORDER BY d.timestamp DESC, d.id DESC LIMIT 1), 'null') <> 'true'
     GROUP BY t.value ORDER BY records DESC, min(t.entity_id) LIMIT ${TYPES_TOLD}`,
  );
  return rows.flatMap(({ type, records }) => {
    const id = parseId<Id<string>>(jsonOf(type));
    return id === null ? [] : [{ name: nameOf(newest(db, id, NAME)) ?? 'Unnamed', records }];
  });
}

/** The value that wins by timestamp; null when there is none, or it makes no sense. */
function newest(db: SqlDatabase, entity: Id<string>, attribute: AttributeName): JsonValue {
  const row = db.get<{ value: string }>(
    'SELECT value FROM incoming.events WHERE entity_id = ? AND attribute = ? ORDER BY timestamp DESC, id DESC LIMIT 1',
    [idToBytes(entity), attribute],
  );
  return row === null ? null : jsonOf(row.value);
}

function jsonOf(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return null;
  }
}

const nameOf = (value: JsonValue): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 100) : null;
