/**
 * The tables of a past moment: temporary, in memory, and read through `PastTables`, under the names that the tables of the
 * present have. So every query that is written for the present answers for the past, and none can write there.
 */
import type { SqlDatabase, SqlRow, SqlValue } from '../database.ts';

/** As in schema.ts: what the derived tables hold, for one moment, as far as it was asked for. */
const TABLES = `
  CREATE TEMP TABLE IF NOT EXISTS past_moment(timestamp BLOB NOT NULL, arrival INTEGER NOT NULL);
  CREATE TEMP TABLE IF NOT EXISTS past_wanted(arrival INTEGER PRIMARY KEY);
  CREATE TEMP TABLE IF NOT EXISTS past_attributes(
    entity_id BLOB NOT NULL, attribute NOT NULL, value TEXT NOT NULL, timestamp BLOB NOT NULL, event_id BLOB NOT NULL, fork BLOB,
    PRIMARY KEY (attribute, entity_id)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS temp.past_unreviewed ON past_attributes(attribute, entity_id) WHERE fork <> x'01';
  CREATE TEMP TABLE IF NOT EXISTS past_leaves(
    entity_id BLOB NOT NULL, attribute NOT NULL, timestamp BLOB NOT NULL, event_id BLOB NOT NULL, client_id BLOB NOT NULL,
    value TEXT NOT NULL, PRIMARY KEY (entity_id, attribute, timestamp, event_id)) WITHOUT ROWID;
  CREATE TEMP TABLE IF NOT EXISTS past_entities(
    number INTEGER PRIMARY KEY, entity_id BLOB NOT NULL UNIQUE, type NOT NULL, made BLOB NOT NULL, sample INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS temp.past_entities_by_type ON past_entities(type, made, entity_id);
  CREATE TEMP TABLE IF NOT EXISTS past_fields(
    type BLOB NOT NULL, field BLOB NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (type, field)) WITHOUT ROWID;
  CREATE TEMP TABLE IF NOT EXISTS past_folded(
    attribute BLOB NOT NULL, entity_id BLOB NOT NULL, event_id BLOB NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (attribute, entity_id)) WITHOUT ROWID;
  CREATE TEMP TABLE IF NOT EXISTS past_search(number INTEGER PRIMARY KEY, text TEXT NOT NULL);
`;

/** Makes the tables, empty. */
export function emptyPast(db: SqlDatabase): void {
  db.exec(TABLES);
  db.exec(`DELETE FROM temp.past_moment; DELETE FROM temp.past_wanted; DELETE FROM temp.past_attributes;
    DELETE FROM temp.past_leaves; DELETE FROM temp.past_entities; DELETE FROM temp.past_fields; DELETE FROM temp.past_folded;
    DELETE FROM temp.past_search`);
}

/**
 * A name that is not qualified means what stands here before it means a table. The log ends at the moment; no account is
 * known, since nothing of the past waits to be sent.
 */
const AS_OF_THEN = `
  WITH attributes AS NOT MATERIALIZED (SELECT * FROM temp.past_attributes),
  leaves AS NOT MATERIALIZED (SELECT * FROM temp.past_leaves),
  entities AS NOT MATERIALIZED (SELECT * FROM temp.past_entities),
  fields AS NOT MATERIALIZED (SELECT * FROM temp.past_fields),
  folded AS NOT MATERIALIZED (SELECT * FROM temp.past_folded),
  search AS NOT MATERIALIZED (SELECT * FROM temp.past_search),
  type_counts AS NOT MATERIALIZED (
    SELECT type, count(*) AS records, sum(sample) AS samples FROM temp.past_entities GROUP BY type),
  events AS NOT MATERIALIZED (
    SELECT * FROM main.events WHERE timestamp <= (SELECT timestamp FROM temp.past_moment)
      AND +arrival <= (SELECT arrival FROM temp.past_moment)),
  config AS NOT MATERIALIZED (SELECT * FROM main.config WHERE key <> 'user')`;

/** What reads from the past: `sql` is a SELECT, or an INSERT into a temporary table that selects. */
export const asOfThen = (sql: string): string => `${AS_OF_THEN} ${sql}`;

/** The database as queries see it at the moment that the tables hold. It cannot be written to. */
export class PastTables implements SqlDatabase {
  readonly #db: SqlDatabase;

  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  all<T extends SqlRow = SqlRow>(sql: string, params?: readonly SqlValue[]): T[] {
    return this.#db.all<T>(asOfThen(sql), params);
  }

  get<T extends SqlRow = SqlRow>(sql: string, params?: readonly SqlValue[]): T | null {
    return this.#db.get<T>(asOfThen(sql), params);
  }

  exec(): never {
    return refuse();
  }

  run(): never {
    return refuse();
  }

  bulk(): never {
    return refuse();
  }

  transaction(): never {
    return refuse();
  }

  export(): never {
    return refuse();
  }

  close(): never {
    return refuse();
  }
}

function refuse(): never {
  throw new Error('the past is only read');
}
