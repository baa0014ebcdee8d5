import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../../core/command.ts';
import { mintId, type EntityId } from '../../../core/ids.ts';
import type { Field } from '../../../core/query.ts';
import { checkValue } from '../../../core/validate.ts';
import { convertColumn, type ColumnTarget, type ConvertSetting } from './convert-column.ts';
import { ColumnGuesser, type ColumnKind } from './guess-columns.ts';
import { importCommand, type Destination, type ReadyColumn } from './import-command.ts';
import { type CsvRow, readCsv } from './read-csv.ts';

let minted = 0;
const mint = (): EntityId => {
  minted += 1;
  return mintId<EntityId>(1_795_424_400_000 + minted, (length) => new Uint8Array(length).fill(minted % 251));
};
const setting: ConvertSetting = { mintId: mint, localToUtc: (reading) => reading - 3_600_000 };
const hints = { decimal: '.', dayFirst: true } as const;
const rowsOf = (values: readonly string[]): readonly CsvRow[] =>
  values.map((value, index) => ({ cells: [value], number: index + 2 }));
const into = (fieldKind: ColumnKind): Exclude<ColumnTarget, { kind: 'skip' }> => ({
  kind: 'new',
  name: 'Field',
  fieldKind,
});
const convert = (values: readonly string[], fieldKind: ColumnKind) =>
  convertColumn(rowsOf(values), 0, into(fieldKind), hints, setting);

const statusField: Field = {
  id: mint(),
  type: mint(),
  name: 'Status',
  kind: 'select',
  order: 'a0',
  hidden: false,
  options: [
    { id: mint(), name: 'Open', order: 'a0', tint: 1 },
    { id: mint(), name: 'Done', order: 'a1', tint: 2 },
  ],
  target: null,
};
const [open, done] = statusField.options.map(({ id }) => id);

describe('convertColumn', () => {
  it('reads cells as values of the field', async () => {
    expect((await convert(['1.5', '', ' 2 '], 'number')).values).toEqual([1.5, null, 2]);
    expect((await convert(['04/03/2026'], 'date')).values).toEqual(['2026-03-04']);
    expect((await convert(['2026-03-04 10:00'], 'dateTime')).values).toEqual(['2026-03-04T09:00:00.000Z']);
    expect((await convert(['x', 'No'], 'checkbox')).values).toEqual([true, false]);
    expect((await convert(['00123', ' =1+1 '], 'text')).values).toEqual(['00123', '=1+1']);
  });

  it('sets apart what does not fit, with the row of the file and the reason', async () => {
    const { values, misfits, filled } = await convert(['1', 'n/a', ''], 'number');
    expect(values).toEqual([1, null, null]);
    expect(filled).toBe(2);
    expect(misfits).toEqual([{ index: 1, row: 3, text: 'n/a', reason: '“n/a” is not a number' }]);
  });

  it('makes options of the different values, told apart as they are written', async () => {
    const { values, newOptions } = await convert(['open', 'Open', 'open'], 'select');
    expect(newOptions.map(({ name }) => name)).toEqual(['open', 'Open']);
    expect(values).toEqual([newOptions[0]!.id, newOptions[1]!.id, newOptions[0]!.id]);
  });

  it('takes lists apart into options, in the order of the field', async () => {
    const { values, newOptions } = await convert(['a; b', 'b;a', 'c, a'], 'multiSelect');
    const [a, b, c] = newOptions.map(({ id }) => id);
    expect(newOptions.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(values).toEqual([
      [a, b],
      [a, b],
      [a, c],
    ]);
  });

  it('stops at 200 options', async () => {
    const { newOptions, misfits } = await convert(
      Array.from({ length: 250 }, (_, index) => `word ${index}`),
      'select',
    );
    expect(newOptions).toHaveLength(200);
    expect(misfits).toHaveLength(50);
  });

  it('finds options of an existing field whatever their case, and adds others only when told to', async () => {
    const rows = rowsOf(['open', 'DONE', 'Late']);
    const fixed = await convertColumn(
      rows,
      0,
      { kind: 'field', field: statusField, addOptions: false },
      hints,
      setting,
    );
    expect(fixed.values).toEqual([open, done, null]);
    expect(fixed.misfits.map(({ text }) => text)).toEqual(['Late']);
    const growing = await convertColumn(
      rows,
      0,
      { kind: 'field', field: statusField, addOptions: true },
      hints,
      setting,
    );
    expect(growing.newOptions.map(({ name }) => name)).toEqual(['Late']);
    expect(growing.misfits).toEqual([]);
  });

  it('links to the one record of that title', async () => {
    const link: Field = { ...statusField, kind: 'link', options: [], target: mint() };
    const mill = mint();
    const records = new Map<string, EntityId | null>([
      ['old mill', mill],
      ['twin', null],
    ]);
    const found = await convertColumn(
      rowsOf(['Old Mill', 'Twin', 'Gone']),
      0,
      { kind: 'field', field: link, addOptions: false },
      hints,
      {
        ...setting,
        records,
      },
    );
    expect(found.values).toEqual([mill, null, null]);
    expect(found.misfits.map(({ reason }) => reason)).toEqual([
      'several records are called “Twin”',
      'there is no record called “Gone”',
    ]);
  });
});

const steps = (command: Command): readonly Command[] => (command.kind === 'batch' ? command.commands : [command]);
const newType: Destination = { kind: 'newType', name: 'Things', icon: 'file' };

describe('importCommand', () => {
  it('keeps what did not fit in a field beside, or leaves it empty, as told', async () => {
    const converted = await convert(['1', 'n/a', '3'], 'number');
    const build = async (keepMisfits: boolean) => {
      const { command } = await importCommand([{ target: into('number'), converted, keepMisfits }], 3, newType, {
        mintId: mint,
        label: 'Import',
      });
      const [create, fill] = steps(command);
      if (create?.kind !== 'createType' || fill?.kind !== 'createRecords')
        throw new Error('not the commands that were expected');
      return {
        fields: create.fields,
        values: fill.records.map(({ values }) => create.fields.map(({ id }) => values[id])),
      };
    };
    const kept = await build(true);
    expect(kept.fields.map(({ name, kind }) => [name, kind])).toEqual([
      ['Field', 'number'],
      ['Field (as in the file)', 'text'],
    ]);
    expect(kept.values).toEqual([
      [1, undefined],
      [undefined, 'n/a'],
      [3, undefined],
    ]);
    const left = await build(false);
    expect(left.fields).toHaveLength(1);
    expect(left.values).toEqual([[1], [undefined], [3]]);
  });

  it('adds fields and options to an existing type before the records that use them', async () => {
    const rows = rowsOf(['Late', 'open']);
    const target = { kind: 'field', field: statusField, addOptions: true } as const;
    const columns: ReadyColumn[] = [
      { target, converted: await convertColumn(rows, 0, target, hints, setting), keepMisfits: true },
      { target: into('text'), converted: await convert(['a', 'b'], 'text'), keepMisfits: true },
    ];
    const { command, type } = await importCommand(
      columns,
      2,
      { kind: 'type', id: statusField.type },
      { mintId: mint, label: 'Import' },
    );
    expect(type).toBe(statusField.type);
    expect(steps(command).map(({ kind }) => kind)).toEqual(['createField', 'setOption', 'createRecords']);
  });

  it('keeps the rows in order: ids count up', async () => {
    const converted = await convert(
      Array.from({ length: 500 }, (_, index) => String(index)),
      'text',
    );
    const { command } = await importCommand([{ target: into('text'), converted, keepMisfits: false }], 500, newType, {
      mintId: mint,
      label: 'Import',
    });
    const fill = steps(command).at(-1);
    if (fill?.kind !== 'createRecords') throw new Error('no records');
    const ids = fill.records.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(500);
  });

  it('loses nothing: what any file holds comes out in a value that fits, or beside it', async () => {
    const cell = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.integer().map(String),
      fc.constantFrom(
        '00123',
        '1,234',
        'n/a',
        'yes',
        '2026-11-23',
        '04/03/2026',
        'a@b.example',
        'www.a.example',
        'x;y',
        '+44 20 7946 0018',
      ),
    );
    const kinds = fc.constantFrom<ColumnKind>(
      'text',
      'longText',
      'number',
      'date',
      'dateTime',
      'checkbox',
      'select',
      'multiSelect',
      'email',
      'url',
      'phone',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 30 }), kinds, async (cells, fieldKind) => {
        const table = await readCsv(
          Papa.unparse(
            cells.map((text) => [text, 'x']),
            { newline: '\n', quotes: true },
          ),
          { delimiter: ',' },
        );
        const converted = await convertColumn(table.rows, 0, into(fieldKind), hints, setting);
        const { command } = await importCommand(
          [{ target: into(fieldKind), converted, keepMisfits: true }],
          table.rows.length,
          newType,
          { mintId: mint, label: 'Import' },
        );
        const [create, fill] = steps(command);
        if (create?.kind !== 'createType' || fill?.kind !== 'createRecords')
          throw new Error('not the commands that were expected');
        expect(fill.records).toHaveLength(cells.length);
        for (const [index, record] of fill.records.entries()) {
          for (const field of create.fields) {
            // What validation would refuse is never sent.
            expect(checkValue(field, record.values[field.id])).toMatchObject({ ok: true });
          }
          // Validation takes out NUL characters: a cell of nothing else is an empty one.
          const text = cells[index]!.replaceAll('\0', '').trim();
          expect(Object.keys(record.values)).toHaveLength(
            text === '' || (fieldKind === 'multiSelect' && /^[;,\s]*$/.test(text)) ? 0 : 1,
          );
        }
      }),
      { numRuns: 400 },
    );
  });

  it('takes the airports over attribute by attribute', async () => {
    const [header, ...rows] = (await readCsv(readFileSync('node_modules/vega-datasets/data/airports.csv', 'utf8')))
      .rows;
    const columns: ReadyColumn[] = [];
    for (const [column, name] of header!.cells.entries()) {
      const guesser = new ColumnGuesser(name, { delimiter: ',', locale: { decimal: '.', dayFirst: false } });
      for (const row of rows) guesser.add(row.cells[column]!);
      const guess = guesser.guess();
      const target = { kind: 'new', name, fieldKind: guess.kind } as const;
      columns.push({
        target,
        converted: await convertColumn(rows, column, target, guess.hints, setting),
        keepMisfits: true,
      });
    }
    const { command } = await importCommand(columns, rows.length, newType, { mintId: mint, label: 'Import airports' });
    const [create, fill] = steps(command);
    if (create?.kind !== 'createType' || fill?.kind !== 'createRecords')
      throw new Error('not the commands that were expected');
    expect(create.fields.map(({ name }) => name)).toEqual([
      'iata',
      'name',
      'city',
      'state',
      'country',
      'latitude',
      'longitude',
    ]);
    expect(fill.records).toHaveLength(3_376);
    for (const [index, { values }] of fill.records.entries()) {
      const cells = create.fields.map(({ id, options }) => {
        const value = values[id];
        return (
          options?.find((option) => option.id === value)?.name ??
          (typeof value === 'number' || typeof value === 'string' ? String(value) : '')
        );
      });
      expect(cells).toEqual(
        rows[index]!.cells.map((text) => (/^-?\d+\.\d*0$/.test(text) ? String(Number(text)) : text.trim())),
      );
    }
  });
});
