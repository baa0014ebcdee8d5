/** Derives everything that is derived from the log anew ([LOG-2]). */
import type { SqlDatabase, SqlValue } from './database.ts';
import { reviewForks } from './leaves.ts';
import { renewAll } from './projections/upkeep.ts';

/**
 * `attributes` in one pass over the log: of each attribute the row with the greatest timestamp (SQLite's bare-column
 * max), marked for review unless its versions form a chain. They do when each one names the one before and nothing else:
 * all `previous` in a row, followed by the newest timestamp, then end like all timestamps in a row. (They may start with what the
 * oldest one names that is left after pruning.) In a chain no two share a timestamp, since what is named is older ([LOG-6]).
 * Following the index was measured a third faster than sorting the table, and needs no memory to sort in.
 */
const rebuildAttributesWhere = (where: string): string => `
  INSERT INTO attributes (entity_id, attribute, value, timestamp, event_id, fork)
  SELECT entity_id, attribute, value, max(timestamp), id,
    iif(count(*) = 1 OR sum(previous IS NULL) < 2 AND total(length(previous) > 16) = 0 AND
      substr(CAST(coalesce(group_concat(previous, ''), '') || max(timestamp) AS BLOB), -16 * count(*)) = CAST(group_concat(timestamp, '') AS BLOB), NULL, x'')
  FROM events INDEXED BY events_key ${where} GROUP BY entity_id, attribute`;

/** Drops `attributes`, open versions and every projection, and makes them from the log. Inside the caller's transaction. */
export function rebuildAll(db: SqlDatabase): void {
  rebuildAttributes(db);
  renewAll(db);
}

/** The part that does not depend on what attributes mean: the newest values, open versions, and collisions. */
export function rebuildAttributes(db: SqlDatabase): void {
  db.exec('DELETE FROM attributes; DELETE FROM leaves; DELETE FROM collisions');
  db.run(rebuildAttributesWhere(''));
  reviewForks(db);
}

/** The same for one entity. */
export function rebuildAttributesOf(db: SqlDatabase, entityId: SqlValue): void {
  // From one attribute's name to the next, so that only the few rows of the entity are looked at.
  db.run(
    `WITH RECURSIVE names(name) AS (SELECT min(attribute) FROM attributes UNION ALL
       SELECT (SELECT min(attribute) FROM attributes WHERE attribute > name) FROM names WHERE name IS NOT NULL)
     DELETE FROM attributes WHERE attribute IN (SELECT name FROM names WHERE name IS NOT NULL) AND entity_id = ?`,
    [entityId],
  );
  for (const table of ['leaves', 'collisions']) db.run(`DELETE FROM ${table} WHERE entity_id = ?`, [entityId]);
  db.run(rebuildAttributesWhere('WHERE entity_id = ?'), [entityId]);
  reviewForks(db);
}
