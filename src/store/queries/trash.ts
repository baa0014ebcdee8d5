import type { ClientId, EntityId } from '../../core/ids.ts';
import type { Query, TrashAnswer } from '../../core/query.ts';
import { idFromSql, numberOf, timestampFromSql } from '../blob.ts';
import type { Catalog } from '../catalog.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { readTitles } from './titles.ts';

const DELETED_RECORDS = `
  attributes d CROSS JOIN attributes t ON t.attribute = 'type' AND t.entity_id = d.entity_id
  WHERE d.attribute = 'deleted' AND d.value = 'true' AND length(t.value) = 38`;

/** Records in the Trash, the last deleted first. */
export function answerTrash(db: SqlDatabase, catalog: Catalog, query: Extract<Query, { kind: 'trash' }>): TrashAnswer {
  const offset = Math.max(0, Math.floor(query.offset));
  const total = numberOf(db.get<{ n: number }>(`SELECT count(*) AS n FROM ${DELETED_RECORDS}`)?.n ?? 0);
  const rows = db.all<{ entity_id: SqlValue; timestamp: SqlValue; type: SqlValue; client_id: SqlValue }>(
    `SELECT d.entity_id, d.timestamp, unhex(t.value, '"-') AS type,
       (SELECT e.client_id FROM events e WHERE e.entity_id = d.entity_id AND e.attribute = 'deleted'
          AND e.timestamp = d.timestamp AND e.id = d.event_id) AS client_id
     FROM ${DELETED_RECORDS} ORDER BY d.timestamp DESC, d.entity_id DESC LIMIT ? OFFSET ?`,
    [query.limit, offset],
  );
  const titles = readTitles(
    db,
    catalog,
    rows.map((row) => idFromSql<EntityId>(row.entity_id)),
  );
  return {
    total,
    offset,
    rows: rows.flatMap((row) => {
      const id = idFromSql<EntityId>(row.entity_id);
      if (row.type === null) return [];
      return [
        {
          id,
          type: idFromSql<EntityId>(row.type),
          title: titles.get(id)?.title ?? '',
          deletedAt: timestampFromSql(row.timestamp),
          deletedBy: idFromSql<ClientId>(row.client_id),
        },
      ];
    }),
  };
}
