/** A whole import as one command: one transaction, one undo. */
import type { Command, NewField, NewOption, NewRecord } from '../../../core/command.ts';
import { nextId, type EntityId } from '../../../core/ids.ts';
import type { JsonValue } from '../../../core/value.ts';
import { MAX_TEXT_LENGTH } from '../../../core/validate.ts';
import type { ColumnTarget, ConvertedColumn } from './convert-column.ts';
import { tintOfWord } from '../types/option-tint.ts';
import { startPace } from './pace.ts';

/** Where the records go. */
export type Destination =
  | { readonly kind: 'newType'; readonly name: string; readonly icon: string }
  | { readonly kind: 'type'; readonly id: EntityId };

export interface ReadyColumn {
  readonly target: Exclude<ColumnTarget, { kind: 'skip' }>;
  readonly converted: ConvertedColumn;
  /** Whether cells that do not fit are kept as they are in a text field of their own, or left empty. */
  readonly keepMisfits: boolean;
}

export interface ImportSetting {
  readonly mintId: () => EntityId;
  /** Shown by Undo and in Activity. */
  readonly label: string;
  readonly signal?: AbortSignal;
}

export interface ImportUse {
  readonly command: Command;
  readonly type: EntityId;
}

/** The name of the field beside a field, for what did not fit it. */
export const nameBeside = (name: string): string => `${name} (as in the file)`.slice(0, 100);

/** Puts the columns together, one record for each of `count` rows, in their order. Rejects only with the signal's reason. */
export async function importCommand(
  columns: readonly ReadyColumn[],
  count: number,
  destination: Destination,
  { mintId, label, signal }: ImportSetting,
): Promise<ImportUse> {
  const type = destination.kind === 'type' ? destination.id : mintId();
  const fields: NewField[] = [];
  const steps: Command[] = [];
  const filled: { readonly field: EntityId; readonly values: readonly JsonValue[] }[] = [];
  for (const { target, converted, keepMisfits } of columns) {
    const id = target.kind === 'field' ? target.field.id : mintId();
    const options = converted.newOptions.map((option): NewOption => ({ ...option, tint: tintOfWord(option.name) }));
    if (target.kind === 'field') {
      steps.push(
        ...options.map(({ id: option, name, tint }): Command => ({
          kind: 'setOption',
          field: id,
          option,
          value: { name, tint },
        })),
      );
    } else {
      fields.push({ id, name: target.name, kind: target.fieldKind, ...(options.length > 0 && { options }) });
    }
    filled.push({ field: id, values: converted.values });
    if (keepMisfits && converted.misfits.length > 0) {
      const beside = besideColumn(target.kind === 'field' ? target.field.name : target.name, converted, mintId());
      fields.push(beside.field);
      filled.push({ field: beside.field.id, values: beside.values });
    }
  }
  const records = await gather(filled, count, mintId(), signal);
  const schema: Command[] =
    destination.kind === 'newType'
      ? [{ kind: 'createType', id: type, name: destination.name, icon: destination.icon, fields }]
      : fields.map((field) => ({ kind: 'createField', type, field }));
  return {
    command: { kind: 'batch', label, commands: [...schema, ...steps, { kind: 'createRecords', type, records }] },
    type,
  };
}

/** Longest text that any field keeps: what is longer than this can only be left out. */
export const LONGEST_TEXT = MAX_TEXT_LENGTH.longText;

function besideColumn(name: string, { values, misfits }: ConvertedColumn, id: EntityId) {
  const kept = misfits.filter(({ text }) => text.trim().length <= LONGEST_TEXT);
  const long = kept.some(({ text }) => text.length > MAX_TEXT_LENGTH.text || text.trim().includes('\n'));
  const texts: JsonValue[] = values.map(() => null);
  for (const { index, text } of kept) texts[index] = text.trim();
  const field: NewField = { id, name: nameBeside(name), kind: long ? 'longText' : 'text' };
  return { field, values: texts };
}

/** Ids count up, since records of one transaction are listed by id: the rows keep their order. */
async function gather(
  columns: readonly { readonly field: EntityId; readonly values: readonly JsonValue[] }[],
  count: number,
  first: EntityId,
  signal: AbortSignal | undefined,
): Promise<readonly NewRecord[]> {
  const pace = startPace(signal);
  const records: NewRecord[] = [];
  let id = first;
  for (let row = 0; row < count; row += 1) {
    if (row % 200 === 0) await pace();
    const values: { [field: string]: JsonValue } = {};
    for (const column of columns) {
      const value = column.values[row];
      if (value !== null && value !== undefined) values[column.field] = value;
    }
    records.push({ id, values });
    id = nextId(id);
  }
  return records;
}
