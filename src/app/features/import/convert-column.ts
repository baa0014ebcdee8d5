/** One column of a file as values of a field. What does not fit is set apart, never dropped. */
import type { FieldKind } from '../../../core/attribute.ts';
import type { EntityId } from '../../../core/ids.ts';
import type { Field } from '../../../core/query.ts';
import { err, ok, type Result } from '../../../core/result.ts';
import { type FieldRule, parseText } from '../../../core/validate.ts';
import type { JsonValue } from '../../../core/value.ts';
import type { ColumnHints, ColumnKind } from './guess-columns.ts';
import { startPace } from './pace.ts';
import type { CsvRow } from './read-csv.ts';

/** Most options that an import may make for one field: more is no list to choose from. */
const MAX_NEW_OPTIONS = 200;

/** What becomes of a column. */
export type ColumnTarget =
  | { readonly kind: 'skip' }
  | { readonly kind: 'new'; readonly name: string; readonly fieldKind: ColumnKind }
  | { readonly kind: 'field'; readonly field: Field; readonly addOptions: boolean };

export interface ConvertSetting {
  readonly mintId: () => EntityId;
  /** When the person's clock showed a reading; see ReadingHints. */
  readonly localToUtc: (reading: number) => number;
  /** Records by their title in lower case, for a link field: id, or null where several have that title. */
  readonly records?: ReadonlyMap<string, EntityId | null>;
  readonly signal?: AbortSignal;
}

/** A cell that does not fit. */
export interface Misfit {
  /** Place among the values. */
  readonly index: number;
  /** Row of the file, as a spreadsheet counts. */
  readonly row: number;
  readonly text: string;
  readonly reason: string;
}

export interface ConvertedColumn {
  /** One for each row; null where the cell is empty or does not fit. */
  readonly values: readonly JsonValue[];
  readonly filled: number;
  readonly misfits: readonly Misfit[];
  /** Options that the values need and the field has not yet, in order of first use. */
  readonly newOptions: readonly { readonly id: EntityId; readonly name: string }[];
}

/** Reads a column in steps that leave the page responsive. Rejects only with the signal's reason. */
export async function convertColumn(
  rows: readonly CsvRow[],
  column: number,
  target: Exclude<ColumnTarget, { kind: 'skip' }>,
  hints: ColumnHints,
  setting: ConvertSetting,
): Promise<ConvertedColumn> {
  const pace = startPace(setting.signal);
  const options = new Options(target, setting.mintId);
  const read = reader(target, hints, options, setting);
  const values: JsonValue[] = [];
  const misfits: Misfit[] = [];
  let filled = 0;
  for (const [index, row] of rows.entries()) {
    if (index % 200 === 0) await pace();
    const text = row.cells[column] ?? '';
    if (text.trim() === '') {
      values.push(null);
      continue;
    }
    filled += 1;
    const value = read(text);
    values.push(value.ok ? value.value : null);
    if (!value.ok) misfits.push({ index, row: row.number, text, reason: value.error });
  }
  return { values, filled, misfits, newOptions: options.added };
}

type Read = (text: string) => Result<JsonValue, string>;

function reader(
  target: Exclude<ColumnTarget, { kind: 'skip' }>,
  hints: ColumnHints,
  options: Options,
  setting: ConvertSetting,
): Read {
  const kind: FieldKind = target.kind === 'new' ? target.fieldKind : target.field.kind;
  const rule: FieldRule = { kind };
  const reading = { ...hints, localToUtc: setting.localToUtc };
  switch (kind) {
    case 'select':
      return (text) => options.find(text.trim());
    case 'multiSelect':
      return (text) => options.findAll(text.trim());
    case 'link':
      return (text) => findRecord(text.trim(), setting.records);
    case 'text':
    case 'longText':
    case 'number':
    case 'date':
    case 'dateTime':
    case 'checkbox':
    case 'email':
    case 'url':
    case 'phone':
      return (text) => parseText(rule, text, reading);
  }
}

function findRecord(title: string, records: ConvertSetting['records']): Result<JsonValue, string> {
  const found = records?.get(title.toLowerCase());
  if (found === undefined) return err(`there is no record called “${title.slice(0, 60)}”`);
  return found === null ? err(`several records are called “${title.slice(0, 60)}”`) : ok(found);
}

/** The options of a field, and those that a column adds to it. */
class Options {
  readonly added: { readonly id: EntityId; readonly name: string }[] = [];
  readonly #ids = new Map<string, EntityId>();
  /** Options of the field are found whatever their case, as when one is typed; those of the file are told apart. */
  readonly #lower = new Map<string, EntityId>();
  readonly #order: EntityId[] = [];
  readonly #grows: boolean;
  readonly #mintId: () => EntityId;

  constructor(target: Exclude<ColumnTarget, { kind: 'skip' }>, mintId: () => EntityId) {
    this.#grows = target.kind === 'new' || target.addOptions;
    this.#mintId = mintId;
    for (const option of target.kind === 'field' ? target.field.options : []) {
      if (!this.#ids.has(option.name)) this.#ids.set(option.name, option.id);
      const lower = option.name.trim().toLowerCase();
      if (!this.#lower.has(lower)) this.#lower.set(lower, option.id);
      this.#order.push(option.id);
    }
  }

  find(word: string): Result<EntityId, string> {
    const known = this.#known(word);
    if (known !== undefined) return ok(known);
    if (!this.#grows) return err(`“${word.slice(0, 60)}” is not one of the options`);
    if (word.length > 100) return err('longer than the name of an option may be');
    if (this.added.length >= MAX_NEW_OPTIONS) return err(`more than ${MAX_NEW_OPTIONS} different values`);
    const id = this.#mintId();
    this.#ids.set(word, id);
    this.#order.push(id);
    this.added.push({ id, name: word });
    return ok(id);
  }

  /** Values that separate their options by line ends, semicolons or, where there are none, commas. */
  findAll(text: string): Result<JsonValue, string> {
    const chosen = new Set<EntityId>();
    for (const word of this.#wordsOf(text)) {
      const option = this.find(word);
      if (!option.ok) return option;
      chosen.add(option.value);
    }
    if (chosen.size === 0) return ok(null);
    // In the order of the field, as every other choice is kept.
    return ok(this.#order.filter((id) => chosen.has(id)));
  }

  /** A name may hold what separates others: it is looked up before it is taken apart. */
  #wordsOf(text: string): readonly string[] {
    if (this.#known(text) !== undefined) return [text];
    const parts = text.split('\n').flatMap((line) => {
      const name = line.trim();
      return this.#known(name) === undefined ? name.split(';') : [name];
    });
    return (parts.length > 1 ? parts : text.split(',')).map((word) => word.trim()).filter((word) => word !== '');
  }

  #known(word: string): EntityId | undefined {
    return this.#ids.get(word) ?? this.#lower.get(word.toLowerCase());
  }
}
