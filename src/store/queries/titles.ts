/** What entities are called: a record by its title field, everything else by its name. */
import type { EntityId } from '../../core/ids.ts';
import { fromJsonText, type JsonText } from '../../core/value.ts';
import { idToBytes, parseId } from '../../core/ids.ts';
import { NAME, SYSTEM_TYPES } from '../../core/attribute.ts';
import { idFromSql } from '../blob.ts';
import { titleField, type Catalog } from '../catalog.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';

export interface Titled {
  /** The user-made type of a record; null for everything else, and for what is not known. */
  readonly type: EntityId | null;
  /** Empty when it has none. */
  readonly title: string;
}

const UNKNOWN: Titled = { type: null, title: '' };

/** Titles of these entities, also of those in the Trash. Everything asked for is in the answer. */
export function readTitles(db: SqlDatabase, catalog: Catalog, ids: Iterable<EntityId>): Map<EntityId, Titled> {
  const titles = new Map<EntityId, Titled>(Array.from(ids, (id) => [id, UNKNOWN]));
  if (titles.size === 0) return titles;
  const types = db.all<{ entity_id: SqlValue; value: JsonText }>(
    `SELECT t.entity_id, t.value FROM json_each(?) k
     CROSS JOIN attributes t ON t.attribute = 'type' AND t.entity_id = unhex(k.value, '-')`,
    [JSON.stringify([...titles.keys()])],
  );
  const byType = Map.groupBy(types, (row) => fromJsonText(row.value));
  for (const [typeValue, rows] of byType) {
    const system = SYSTEM_TYPES.some((each) => each === typeValue);
    const type = system ? null : parseId<EntityId>(typeValue);
    if (!system && type === null) continue;
    const attribute = type === null ? NAME : (titleField(catalog, type)?.id ?? null);
    for (const row of rows) titles.set(idFromSql<EntityId>(row.entity_id), { type, title: '' });
    if (attribute === null) continue;
    const values = db.all<{ entity_id: SqlValue; value: JsonText }>(
      `SELECT a.entity_id, a.value FROM json_each(?) k
       CROSS JOIN attributes a ON a.attribute = ? AND a.entity_id = unhex(k.value, '-')`,
      [
        JSON.stringify(rows.map((row) => idFromSql(row.entity_id))),
        type === null ? NAME : idToBytes(attribute as EntityId),
      ],
    );
    for (const row of values) {
      const title = fromJsonText(row.value);
      titles.set(idFromSql<EntityId>(row.entity_id), { type, title: typeof title === 'string' ? title : '' });
    }
  }
  return titles;
}
