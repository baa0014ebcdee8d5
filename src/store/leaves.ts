/**
 * Open versions (leaves): those that no event of the attribute names in `previous`, nor did one that was pruned. Nearly always the newest version is
 * the only one, and nothing is kept. Where it is not certain, the versions are looked through here, by the definition of
 * core/reduce.ts.
 */
import { bytesToHex } from '../core/hex.ts';
import { bytesOf, previousFromSql } from './blob.ts';
import type { SqlDatabase, SqlValue } from './database.ts';

/** Attributes looked through at a time, so that memory stays bounded when a whole log is rebuilt. */
const KEYS_AT_A_TIME = 500;

interface Version {
  readonly id: Uint8Array;
  readonly timestamp: Uint8Array;
  readonly previous: SqlValue;
}

/** Settles `fork` of every attribute that is marked, and keeps `leaves` and `collisions` to match. */
export function reviewForks(db: SqlDatabase): void {
  // A single version has nobody beside it: that is what most of a snapshot is.
  db.run(
    `UPDATE attributes SET fork = NULL WHERE fork <> x'01' AND 1 = (SELECT count(*) FROM (
       SELECT 1 FROM events e WHERE e.entity_id = attributes.entity_id AND e.attribute = attributes.attribute LIMIT 2))
     AND NOT EXISTS (SELECT 1 FROM leaves l WHERE l.entity_id = attributes.entity_id AND l.attribute = attributes.attribute)`,
  );
  db.run(`INSERT OR IGNORE INTO forks SELECT entity_id, attribute FROM attributes WHERE fork <> x'01'`);
  for (;;) {
    const keys = db.all<{ entity_id: SqlValue; attribute: SqlValue }>(
      `SELECT entity_id, attribute FROM attributes WHERE fork <> x'01' LIMIT ${KEYS_AT_A_TIME}`,
    );
    for (const key of keys) review(db, [key.entity_id, key.attribute]);
    if (keys.length < KEYS_AT_A_TIME) return;
  }
}

function review(db: SqlDatabase, key: readonly [entityId: SqlValue, attribute: SqlValue]): void {
  const versions = db
    .all('SELECT id, timestamp, previous FROM events WHERE entity_id = ? AND attribute = ? ORDER BY timestamp, id', key)
    .map((row): Version => ({
      id: bytesOf(row['id'] ?? null),
      timestamp: bytesOf(row['timestamp'] ?? null),
      previous: row['previous'] ?? null,
    }));
  const seen = new Set<string>(versions.flatMap((version) => previousFromSql(version.previous)));
  const gone = db.get<{ stamps: SqlValue }>('SELECT stamps FROM pruned WHERE entity_id = ? AND attribute = ?', key);
  if (gone) for (const stamp of previousFromSql(gone.stamps)) seen.add(stamp);
  const stamps = versions.map((version) => bytesToHex(version.timestamp));
  const leaves = versions.filter((_, i) => !seen.has(stamps[i] ?? ''));
  const twins = versions.filter((_, i) => i > 0 && stamps[i] === stamps[i - 1]);
  if (twins.length > 0) {
    db.bulk(
      'INSERT OR IGNORE INTO collisions VALUES (?, ?, ?)',
      twins.map((twin) => [...key, twin.timestamp]),
    );
    crownLast(db, key, versions);
  }
  db.run('DELETE FROM leaves WHERE entity_id = ? AND attribute = ?', key);
  if (leaves.length > 1) {
    db.bulk(
      `INSERT INTO leaves (entity_id, attribute, timestamp, event_id, client_id, value)
       SELECT entity_id, attribute, timestamp, id, client_id, value FROM events
       WHERE entity_id = ? AND attribute = ? AND timestamp = ? AND id = ?`,
      leaves.map((leaf) => [...key, leaf.timestamp, leaf.id]),
    );
  }
  db.run('UPDATE attributes SET fork = ? WHERE entity_id = ? AND attribute = ?', [
    leaves.length > 1 ? Uint8Array.of(1) : null,
    ...key,
  ]);
}

/** Of two events with the same key the greater id wins; the upsert, which compares timestamps alone, left it open. */
function crownLast(db: SqlDatabase, key: readonly [SqlValue, SqlValue], versions: readonly Version[]): void {
  const winner = versions.at(-1);
  if (!winner) return;
  db.run(
    `UPDATE attributes SET event_id = ?, value =
       (SELECT value FROM events e WHERE e.entity_id = ? AND e.attribute = ? AND e.timestamp = ? AND e.id = ?)
     WHERE entity_id = ? AND attribute = ?`,
    [winner.id, ...key, winner.timestamp, winner.id, ...key],
  );
}
