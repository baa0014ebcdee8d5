/** What the rows of the tables that a salvage reads look like, as far as types and lengths tell. */
import type { SqlValue } from '../database.ts';
import type { Shape } from './tables.ts';

type Column = (value: SqlValue) => boolean;

const id: Column = (value) => value instanceof Uint8Array && value.length === 16;
const stamps: Column = (value) => value instanceof Uint8Array && value.length > 0 && value.length % 16 === 0;
const blob: Column = (value) => value instanceof Uint8Array;
const text: Column = (value) => typeof value === 'string';
const integer: Column = (value) => Number.isInteger(value);
/** A field's id, or the name of a system attribute. */
const attribute: Column = (value) => id(value) || text(value);
/** The column that is another name for the rowid. */
const alias: Column = (value) => value === null;
const any: Column = () => true;
const orNull =
  (column: Column): Column =>
  (value) =>
    value === null || column(value);

const shape = (name: string, rowid: boolean, columns: readonly Column[]): Shape => ({
  name,
  rowid,
  columns: columns.length,
  fits: (values) => values.length === columns.length && columns.every((fits, i) => fits(values[i] ?? null)),
});

/** A table with a rowid that got columns later: rows from before go without them. */
function grown(name: string, before: number, columns: readonly Column[]): Shape {
  return {
    name,
    rowid: true,
    columns: columns.length,
    fits: (values) =>
      values.length >= before &&
      values.length <= columns.length &&
      values.every((value, i) => columns[i]?.(value) === true),
  };
}

/** Columns as in schema.ts; in tables without rowid those of the primary key come first, in its order. */
export const EVENTS = shape('events', true, [id, id, id, attribute, text, id, orNull(stamps), orNull(id), alias]);
export const EVENTS_KEY = shape('events_key', false, [id, attribute, id, id, integer]);
export const ATTRIBUTES = shape('attributes', false, [attribute, id, text, id, id, orNull(blob)]);
export const LEAVES = shape('leaves', false, [id, attribute, id, id, id, text]);
export const CONFIG = shape('config', false, [text, any]);
export const CLIENTS = shape('clients', false, [
  id,
  (value) => value instanceof Uint8Array && value.length === 8,
  orNull(id),
  integer,
]);
export const OUTBOX = shape('outbox', true, [
  alias,
  id,
  text,
  integer,
  integer,
  integer,
  integer,
  integer,
  integer,
  integer,
]);
export const DEAD_LETTERS = grown('dead_letters', 6, [
  alias,
  id,
  text,
  integer,
  text,
  integer,
  integer,
  integer,
  integer,
  integer,
  integer,
  orNull(integer),
]);
export const QUARANTINE = grown('quarantine', 7, [
  alias,
  text,
  integer,
  orNull(id),
  orNull(integer),
  text,
  text,
  integer,
  orNull(integer),
  orNull(integer),
]);
export const COMMANDS = shape('commands', false, [id, orNull(id), integer]);
export const ARRIVALS = shape('arrivals', true, [alias, integer, id]);
export const PRUNED = shape('pruned', false, [id, attribute, stamps]);
