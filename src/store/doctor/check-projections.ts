/**
 * [LOG-2] Every projection holds what making it anew would give. What that is, is selected and compared stretch by stretch;
 * nothing is written.
 */
import { bytesToHex } from '../../core/hex.ts';
import type { EntityId } from '../../core/ids.ts';
import type { ProjectionName } from '../../core/query.ts';
import { bytesOf, idFromSql, numberOf } from '../blob.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { foldText } from '../fold-text.ts';
import { existing } from '../projections/entities.ts';
import { SELECT_FIELDS } from '../projections/fields.ts';
import { selectTexts } from '../projections/folded.ts';
import { selectLinks } from '../projections/links.ts';
import { selectWords } from '../projections/search.ts';
import type { Faults } from './faults.ts';

const ROWS_AT_A_TIME = 2_000;

/** Each yields after every stretch. */
export const PROJECTION_CHECKS: {
  readonly [P in ProjectionName]: (db: SqlDatabase, faults: Faults) => Generator<void, void>;
} = {
  entities: checkEntities,
  fields: checkFields,
  search: checkSearch,
  folded: checkFolded,
  links: checkLinks,
  transactions: checkTransactions,
};

function* checkEntities(db: SqlDatabase, faults: Faults): Generator<void, void> {
  let after: SqlValue = new Uint8Array();
  for (;;) {
    const stretch: { last: SqlValue; n: number } | null = db.get<{ last: SqlValue; n: number }>(
      `SELECT max(entity_id) AS last, count(*) AS n FROM (
           SELECT entity_id FROM attributes WHERE attribute = 'type' AND entity_id > ?1
           UNION SELECT entity_id FROM entities WHERE entity_id > ?1 ORDER BY entity_id LIMIT ${ROWS_AT_A_TIME})`,
      [after],
    );
    if (!stretch || stretch.last === null) break;
    const last: SqlValue = stretch.last;
    const there = 'SELECT entity_id, type, made, sample FROM entities WHERE entity_id > ?1 AND entity_id <= ?2';
    const due = `${existing('attributes t')} AND t.entity_id > ?1 AND t.entity_id <= ?2`;
    for (const id of differing(db, 'id, type, made, sample', there, due, [after, last]))
      faults.add(`${id} is not in the table as it should be`);
    after = last;
    yield;
    // What is written meanwhile would be walked after for ever.
    if (stretch.n < ROWS_AT_A_TIME) break;
  }
  const counts = 'SELECT type, count(*), sum(sample) FROM entities GROUP BY type';
  const wrong = db.all(
    `SELECT 1 FROM (SELECT * FROM (SELECT * FROM type_counts EXCEPT ${counts})
     UNION ALL SELECT * FROM (${counts} EXCEPT SELECT * FROM type_counts))`,
  );
  faults.add('the numbers of records by type are not right', wrong.length > 0 ? 1 : 0);
}

function* checkFields(db: SqlDatabase, faults: Faults): Generator<void, void> {
  yield;
  for (const id of differing(db, 'type, id, kind', 'SELECT type, field, kind FROM fields', SELECT_FIELDS)) {
    faults.add(`field ${id} is not in the table as it should be`);
  }
}

function* checkSearch(db: SqlDatabase, faults: Faults): Generator<void, void> {
  for (const [from, last] of stretches(db, 'entities', 'number')) {
    const rows = db.all<{ number: number; due: string; there: string | null }>(
      `SELECT w.number, w.text AS due, s.text AS there
       FROM (${selectWords('entities e', 'AND e.number > ? AND e.number <= ?')}) w LEFT JOIN search s ON s.number = w.number`,
      [from, last],
    );
    for (const { number, due, there } of rows) {
      if (there !== due && there !== foldText(due)) faults.add(`the words of record number ${number} are not right`);
    }
    yield;
  }
  const lost = db.get<{ n: number }>(
    `SELECT count(*) AS n FROM search s WHERE NOT EXISTS
       (SELECT 1 FROM entities e WHERE e.number = s.number AND typeof(e.type) = 'blob')`,
  );
  faults.add('words are kept of records that are not there', lost?.n ?? 0);
}

function* checkFolded(db: SqlDatabase, faults: Faults): Generator<void, void> {
  for (const where of values(db)) {
    const rows = db.all<{ entity_id: SqlValue; value: string; text: string | null }>(
      `SELECT d.entity_id, d.value, f.text FROM (${selectTexts('attributes a', where.sql)}) d
       LEFT JOIN folded f ON f.attribute = d.attribute AND f.entity_id = d.entity_id AND f.event_id = d.event_id`,
      where.params,
    );
    for (const { entity_id, value, text } of rows) {
      if (text !== foldText(value)) faults.add(`a text of ${idFromSql<EntityId>(entity_id)} is not folded`);
    }
    yield;
  }
  strays(db, 'folded', selectTexts, 'AND a.event_id = s.event_id', faults);
}

function* checkLinks(db: SqlDatabase, faults: Faults): Generator<void, void> {
  for (const where of values(db)) {
    const rows = db.all<{ entity_id: SqlValue; due: SqlValue; there: SqlValue }>(
      `SELECT d.entity_id, d.target AS due, l.target AS there FROM (${selectLinks('attributes a', where.sql)}) d
       LEFT JOIN links l ON l.attribute = d.attribute AND l.entity_id = d.entity_id`,
      where.params,
    );
    for (const { entity_id, due, there } of rows) {
      if (there === null || bytesToHex(bytesOf(there)) !== bytesToHex(bytesOf(due))) {
        faults.add(`a link of ${idFromSql<EntityId>(entity_id)} is not right`);
      }
    }
    yield;
  }
  strays(db, 'links', selectLinks, '', faults);
}

/** Rows that are kept of no value. @param select what is due, as selected from `attributes a` */
function strays(
  db: SqlDatabase,
  table: 'folded' | 'links',
  select: (source: string, where: string) => string,
  where: string,
  faults: Faults,
): void {
  const due = select('attributes a', `AND a.attribute = s.attribute AND a.entity_id = s.entity_id ${where}`);
  const found = db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table} s WHERE NOT EXISTS (${due})`)?.n ?? 0;
  faults.add(`${found} rows are kept of values that are not there`, found);
}

/** A transaction's events lie between its first and its last; and together the transactions count every event. */
function* checkTransactions(db: SqlDatabase, faults: Faults): Generator<void, void> {
  let after: SqlValue = new Uint8Array();
  for (;;) {
    const rows: { timestamp: SqlValue; good: number }[] = db.all<{ timestamp: SqlValue; good: number }>(
      `SELECT t.timestamp, (t.client_id, t.events, t.first_arrival, t.last_arrival) IS
         (SELECT min(client_id), count(*), min(arrival), max(arrival) FROM events e
          WHERE e.arrival BETWEEN t.first_arrival AND t.last_arrival AND e.timestamp = t.timestamp) AS good
       FROM transactions t WHERE t.timestamp > ? ORDER BY t.timestamp LIMIT ${ROWS_AT_A_TIME}`,
      [after],
    );
    for (const { timestamp, good } of rows) {
      if (good === 0) faults.add(`transaction ${bytesToHex(bytesOf(timestamp))} does not count its events`);
    }
    const last = rows.at(-1);
    if (!last) break;
    after = last.timestamp;
    yield;
    if (rows.length < ROWS_AT_A_TIME) break;
  }
  const sums = db.get<{ counted: SqlValue; events: SqlValue }>(
    'SELECT (SELECT coalesce(sum(events), 0) FROM transactions) AS counted, (SELECT count(*) FROM events) AS events',
  );
  const missing = numberOf(sums?.events ?? 0) - numberOf(sums?.counted ?? 0);
  if (faults.count === 0) faults.add('events are counted in no transaction, or twice', Math.abs(missing));
}

/** Ids of rows that only one of two statements gives. @param columns names of the columns of both, `id` among them */
function differing(
  db: SqlDatabase,
  columns: string,
  there: string,
  due: string,
  params: readonly SqlValue[] = [],
): string[] {
  const rows = db.all<{ id: SqlValue }>(
    `WITH there(${columns}) AS (${there}), due(${columns}) AS (${due})
     SELECT DISTINCT id FROM (
       SELECT * FROM (SELECT * FROM there EXCEPT SELECT * FROM due)
       UNION ALL SELECT * FROM (SELECT * FROM due EXCEPT SELECT * FROM there))`,
    params,
  );
  return rows.map((row) => idFromSql<EntityId>(row.id));
}

/** Numbers from and to, some thousand rows apart. */
function* stretches(db: SqlDatabase, table: string, column: string): Generator<[number, number], void> {
  let from = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const stretch = db.get<{ last: SqlValue; n: number }>(
      `SELECT max(n) AS last, count(*) AS n FROM (SELECT ${column} AS n FROM ${table} WHERE ${column} > ? ORDER BY ${column} LIMIT ${ROWS_AT_A_TIME})`,
      [from],
    );
    if (!stretch || stretch.last === null) return;
    yield [from, numberOf(stretch.last)];
    from = numberOf(stretch.last);
    if (stretch.n < ROWS_AT_A_TIME) return;
  }
}

interface Where {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** Through the values of every field, some thousand at a time: conditions on `attributes a`. */
function* values(db: SqlDatabase): Generator<Where, void> {
  const fields = db.all<{ field: SqlValue }>('SELECT DISTINCT field FROM fields ORDER BY field');
  for (const { field } of fields) {
    let after: SqlValue = new Uint8Array();
    for (;;) {
      const stretch: { last: SqlValue; n: number } | null = db.get<{ last: SqlValue; n: number }>(
        `SELECT max(entity_id) AS last, count(*) AS n FROM (SELECT entity_id FROM attributes
           WHERE attribute = ? AND entity_id > ? ORDER BY entity_id LIMIT ${ROWS_AT_A_TIME})`,
        [field, after],
      );
      if (!stretch || stretch.last === null) break;
      const last: SqlValue = stretch.last;
      yield { sql: 'AND a.attribute = ? AND a.entity_id > ? AND a.entity_id <= ?', params: [field, after, last] };
      after = last;
      if (stretch.n < ROWS_AT_A_TIME) break;
    }
  }
}
