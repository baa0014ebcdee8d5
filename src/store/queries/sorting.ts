/** SQL that puts records in the order of a field. `v` is the row of that field in `attributes`; empty ones come last. */
import { idToBytes } from '../../core/ids.ts';
import type { Field, Sort } from '../../core/query.ts';
import { titleField, type Catalog } from '../catalog.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { foldedText } from '../projections/folded.ts';

/** A piece of SQL and the parameters in it, in order. */
export interface Sql {
  readonly text: string;
  readonly params: readonly SqlValue[];
}

/** What stands between ORDER BY and the order of making, where the value may be missing. */
export function orderBy(db: SqlDatabase, catalog: Catalog, field: Field, direction: Sort['direction']): Sql {
  const filled = orderFilled(db, catalog, field, direction);
  const empty = emptyLast(field) ? `(v.value IS NULL OR v.value = 'null'), ` : '';
  return { text: `${empty}${filled.text}`, params: filled.params };
}

/** The same among records that have a value. */
export function orderFilled(db: SqlDatabase, catalog: Catalog, field: Field, direction: Sort['direction']): Sql {
  const key = keyOf(db, catalog, field);
  return { text: `${key.text} ${direction === 'ascending' ? 'ASC' : 'DESC'}`, params: key.params };
}

/** Whether records without a value come last; a checkbox without one is not ticked. */
export const emptyLast = (field: Field): boolean => field.kind !== 'checkbox';

function keyOf(db: SqlDatabase, catalog: Catalog, field: Field): Sql {
  switch (field.kind) {
    case 'number':
      // A value that is no number (the field was something else once) comes after all numbers.
      return { text: `iif(v.value GLOB '[-0-9]*', CAST(v.value AS REAL), 1e999)`, params: [] };
    case 'checkbox':
      return { text: `coalesce(v.value = 'true', 0)`, params: [] };
    case 'date':
    case 'dateTime':
      return { text: 'v.value', params: [] };
    case 'select':
      return optionRank(field, 'v.value');
    case 'multiSelect':
      // By the first option: values hold them in the order of the field.
      return optionRank(field, 'substr(v.value, 2, 38)');
    case 'link': {
      const title = field.target === null ? null : titleField(catalog, field.target);
      if (title === null) return { text: 'v.value', params: [] };
      return {
        text: `(SELECT ${textKey(db, title, 't')} FROM attributes t WHERE t.attribute = ? AND t.entity_id = unhex(v.value, '"-')) COLLATE NOCASE`,
        params: [idToBytes(title.id)],
      };
    }
    case 'text':
    case 'longText':
    case 'email':
    case 'url':
    case 'phone':
      return { text: textKey(db, field, 'v'), params: [] };
  }
}

/** Without the closing quote, which sorts behind a space and would put `Apple` after `Apple pie`. */
const textKey = (db: SqlDatabase, field: Field, row: string): string =>
  `rtrim(${foldedText(db, idToBytes(field.id), row)}, '"') COLLATE NOCASE`;

function optionRank(field: Field, value: string): Sql {
  if (field.options.length === 0) return { text: value, params: [] };
  const cases = field.options.map((_, rank) => `WHEN ? THEN ${rank}`).join(' ');
  return {
    text: `CASE ${value} ${cases} ELSE ${field.options.length} END`,
    params: field.options.map((option) => `"${option.id}"`),
  };
}
