/**
 * Fills the tables of a past moment, as far as a query needs them. What is the newest still is copied from the present; for
 * the rest, the index of the log tells which event held an attribute then, and these events are read in order of arrival.
 */
import type { AttributeName } from '../../core/event.ts';
import type { EntityId } from '../../core/ids.ts';
import { attributeToSql } from '../blob.ts';
import { FACTS } from '../catalog.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { foldText } from '../fold-text.ts';
import { boundParams, EVERYTHING, winnerAt, type Bounds } from '../moment.ts';
import { existing } from '../projections/entities.ts';
import { SELECT_FIELDS } from '../projections/fields.ts';
import { foldedRows, selectTexts } from '../projections/folded.ts';
import { selectWords } from '../projections/search.ts';
import { stageEntities } from '../staging.ts';
import type { Sql } from '../queries/sorting.ts';
import { reviewPastForks } from './forks.ts';
import { asOfThen } from './tables.ts';

/** Marks attributes that may have had several open versions, as in `attributes`, for `reviewPastForks`. */
const forkOf = (k: string): string =>
  `iif(EXISTS (SELECT 1 FROM forks f WHERE f.entity_id = ${k}.entity_id AND f.attribute = ${k}.attribute), x'', NULL)`;

/** Takes in these attributes of all entities that ever had them. */
export function fillAttributes(db: SqlDatabase, bounds: Bounds, attributes: readonly AttributeName[]): void {
  const names = attributes.map(() => '(?)').join(',');
  const params = attributes.map(attributeToSql);
  const source = `(VALUES ${names}) n CROSS JOIN attributes a ON a.attribute = n.column1`;
  // What is the newest still, and older than the moment, held the attribute then.
  if (bounds.arrival === EVERYTHING.arrival) {
    db.run(
      `INSERT OR IGNORE INTO temp.past_attributes
       SELECT a.entity_id, a.attribute, a.value, a.timestamp, a.event_id, ${forkOf('a')} FROM ${source} WHERE a.timestamp <= ?`,
      [...params, bounds.timestamp],
    );
  }
  // In the order of the index, of which a page or two hold all that there is of an entity: each is read once.
  takeWinners(db, bounds, {
    text: `SELECT a.entity_id, a.attribute FROM ${source} WHERE NOT EXISTS
        (SELECT 1 FROM temp.past_attributes p WHERE p.attribute = a.attribute AND p.entity_id = a.entity_id)
      ORDER BY a.entity_id, a.attribute`,
    params,
  });
  foldTexts(db, `VALUES ${names}`, params);
}

/** Folds the texts of these attributes, as the projection does for those of the present: they are sorted and narrowed by it. */
function foldTexts(db: SqlDatabase, attributes: string, params: readonly SqlValue[]): void {
  const texts = db.all(asOfThen(selectTexts('attributes a', `AND a.attribute IN (${attributes})`)), params);
  if (texts.length === 0) return;
  db.bulk(
    'INSERT OR IGNORE INTO temp.past_folded (attribute, entity_id, event_id, text) VALUES (?, ?, ?, ?)',
    foldedRows(texts),
  );
}

/** Takes in everything about these entities. */
export function fillEntities(db: SqlDatabase, bounds: Bounds, ids: Iterable<EntityId>): void {
  stageEntities(db, ids);
  takeWinners(db, bounds, {
    text: 'SELECT DISTINCT e.entity_id, e.attribute FROM temp.staged_entities s CROSS JOIN events e ON e.entity_id = s.entity_id',
    params: [],
  });
}

/** Takes in what types, fields, devices and people are: everything about the entities that have names and the like. */
export function fillSchema(db: SqlDatabase, bounds: Bounds): void {
  db.run('DELETE FROM temp.staged_entities');
  db.run(
    `INSERT OR IGNORE INTO temp.staged_entities SELECT entity_id FROM attributes
     WHERE attribute IN (${FACTS}) OR attribute >= 'option:' AND attribute < 'option;'`,
  );
  takeWinners(db, bounds, {
    text: `SELECT DISTINCT e.entity_id, e.attribute FROM temp.staged_entities s CROSS JOIN events e ON e.entity_id = s.entity_id
      WHERE typeof(e.attribute) = 'text'`,
    params: [],
  });
  makeEntities(db);
  db.run(asOfThen(`INSERT INTO temp.past_fields (type, field, kind) ${SELECT_FIELDS}`));
}

/** Derives which entities there were from what has been taken in. */
export function makeEntities(db: SqlDatabase): void {
  db.run(
    asOfThen(
      `INSERT OR IGNORE INTO temp.past_entities (entity_id, type, made, sample)
       ${existing('attributes t')} ORDER BY made, t.entity_id`,
    ),
  );
}

/** Derives the words of the records of a type from their fields, which have been taken in. */
export function fillSearch(db: SqlDatabase, type: SqlValue): void {
  db.run(
    asOfThen(`INSERT OR IGNORE INTO temp.past_search (number, text) ${selectWords('entities e', 'AND e.type = ?')}`),
    [type],
  );
  const rows = db.all<{ number: number; text: string }>(
    'SELECT number, text FROM temp.past_search WHERE length(text) <> octet_length(text)',
  );
  db.bulk(
    'UPDATE temp.past_search SET text = ? WHERE number = ?',
    rows.map(({ number, text }) => [foldText(text), number]),
  );
}

/** @param keys entities and attributes that are not all there yet */
function takeWinners(db: SqlDatabase, bounds: Bounds, keys: Sql): void {
  db.run('DELETE FROM temp.past_wanted');
  // No event has the number 0.
  db.run(`INSERT OR IGNORE INTO temp.past_wanted SELECT coalesce(${winnerAt('k')}, 0) FROM (${keys.text}) k`, [
    ...boundParams(bounds),
    ...keys.params,
  ]);
  db.run(
    `INSERT OR IGNORE INTO temp.past_attributes SELECT e.entity_id, e.attribute, e.value, e.timestamp, e.id, ${forkOf('e')}
     FROM temp.past_wanted w CROSS JOIN events e ON e.arrival = w.arrival`,
  );
  reviewPastForks(db);
}
