import type { EntityId } from '../../core/ids.ts';
import type { SchemaAnswer } from '../../core/query.ts';
import { idFromSql } from '../blob.ts';
import { fieldsOf, type Catalog } from '../catalog.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';

export function answerSchema(db: SqlDatabase, catalog: Catalog): SchemaAnswer {
  const counts = new Map<EntityId, { records: number; samples: number }>();
  for (const row of db.all<{ type: SqlValue; records: number; samples: number }>(
    `SELECT type, records, samples FROM type_counts WHERE typeof(type) = 'blob'`,
  )) {
    counts.set(idFromSql<EntityId>(row.type), row);
  }
  return {
    types: [...catalog.types.values()].map((type) => ({
      ...type,
      fields: fieldsOf(catalog, type.id),
      records: counts.get(type.id)?.records ?? 0,
      samples: counts.get(type.id)?.samples ?? 0,
    })),
  };
}
