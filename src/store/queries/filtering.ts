/** SQL that holds for the records a filter lets through. `e` is the row of a record in `entities`. */
import { idToBytes, type EntityId } from '../../core/ids.ts';
import type { Field, Filter } from '../../core/query.ts';
import { toJsonText, type JsonValue } from '../../core/value.ts';
import { titleField, type Catalog } from '../catalog.ts';
import type { SqlDatabase } from '../database.ts';
import { foldText } from '../fold-text.ts';
import { foldedText } from '../projections/folded.ts';
import type { Sql } from './sorting.ts';

/** What a record must be like, and, where that is quicker, another way to come to the records that are. */
export interface Condition extends Sql {
  /** FROM (up to and including `entities e`) and WHERE: one scan of one field, instead of a look at each record. */
  readonly source?: { readonly from: string; readonly where: Sql };
}

const NONE: Condition = { text: '0', params: [] };

/** A condition; a filter on a field that is not there lets nothing through. */
export function filterBy(db: SqlDatabase, catalog: Catalog, filter: Filter): Condition {
  const field = catalog.fields.get(filter.field);
  if (!field) return NONE;
  switch (filter.test) {
    case 'is':
      return equals(field, filter.value);
    case 'isNot':
      return not(equals(field, filter.value));
    case 'empty':
      return not(holds(field, { text: `a.value <> 'null'`, params: [] }));
    case 'notEmpty':
      return holds(field, { text: `a.value <> 'null'`, params: [] });
    case 'contains':
      return contains(db, catalog, field, filter.value);
    case 'atLeast':
      return compares(field, '>=', filter.value);
    case 'atMost':
      return compares(field, '<=', filter.value);
  }
}

/** Whether the record's value of a field passes a test on `a.value`. */
function holds(field: Field, test: Sql): Condition {
  const params = [idToBytes(field.id), ...test.params];
  return {
    text: `EXISTS (SELECT 1 FROM attributes a WHERE a.attribute = ? AND a.entity_id = e.entity_id AND ${test.text})`,
    params,
    source: {
      from: 'attributes a CROSS JOIN entities e ON e.entity_id = a.entity_id',
      where: { text: `a.attribute = ? AND ${test.text}`, params },
    },
  };
}

const not = (sql: Sql): Sql => ({ text: `NOT ${sql.text}`, params: sql.params });

function equals(field: Field, value: JsonValue): Condition {
  const text = toJsonText(value);
  if (value === null) return not(holds(field, { text: `a.value <> 'null'`, params: [] }));
  if (field.kind === 'checkbox' && value === false) return not(holds(field, { text: `a.value = 'true'`, params: [] }));
  // One option of several is asked for by its id, a whole choice by its list.
  if (field.kind === 'multiSelect' && typeof value === 'string')
    return holds(field, { text: 'instr(a.value, ?) > 0', params: [text] });
  return holds(field, { text: 'a.value = ? COLLATE NOCASE', params: [text] });
}

function contains(db: SqlDatabase, catalog: Catalog, field: Field, words: string): Condition {
  const sought = foldText(words.trim());
  if (sought === '') return { text: '1', params: [] };
  if (field.kind === 'select' || field.kind === 'multiSelect') {
    return anyOf(
      field.options
        .filter((option) => foldText(option.name).includes(sought))
        .map((option) => holds(field, { text: 'instr(a.value, ?) > 0', params: [`"${option.id}"`] })),
    );
  }
  if (field.kind === 'link') {
    const title = field.target === null ? null : titleField(catalog, field.target);
    return title === null ? NONE : holds(field, titleContains(db, title.id, sought));
  }
  return holds(field, containsText(db, field.id, 'a', sought));
}

function titleContains(db: SqlDatabase, title: EntityId, sought: string): Sql {
  const test = containsText(db, title, 't', sought);
  return {
    text: `EXISTS (SELECT 1 FROM attributes t WHERE t.attribute = ? AND t.entity_id = unhex(a.value, '"-') AND ${test.text})`,
    params: [idToBytes(title), ...test.params],
  };
}

/** Substring, whatever the case and the accents of letters. */
function containsText(db: SqlDatabase, field: EntityId, row: string, sought: string): Sql {
  return { text: `instr(lower(${foldedText(db, idToBytes(field), row)} ->> '$'), ?) > 0`, params: [sought] };
}

function compares(field: Field, operator: '>=' | '<=', bound: number | string): Condition {
  if (field.kind === 'number') {
    const number = Number(bound);
    if (!Number.isFinite(number)) return NONE;
    return holds(field, { text: `a.value GLOB '[-0-9]*' AND CAST(a.value AS REAL) ${operator} ?`, params: [number] });
  }
  // As many characters of the value as the bound has: a moment on a day is at most, and at least, that day.
  const text = String(bound);
  return holds(field, {
    text: `a.value <> 'null' AND substr(a.value ->> '$', 1, ?) ${operator} ?`,
    params: [text.length, text],
  });
}

export function anyOf(conditions: readonly Condition[]): Condition {
  const [only] = conditions;
  if (only === undefined) return NONE;
  if (conditions.length === 1) return only;
  return {
    text: `(${conditions.map((each) => each.text).join(' OR ')})`,
    params: conditions.flatMap((each) => each.params),
  };
}
