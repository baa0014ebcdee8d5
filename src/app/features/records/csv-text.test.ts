import * as fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { FIELD_KINDS, type FieldKind } from '../../../core/attribute.ts';
import type { EntityId } from '../../../core/ids.ts';
import type { Field, RecordRow } from '../../../core/query.ts';
import { checkValue } from '../../../core/validate.ts';
import type { JsonValue } from '../../../core/value.ts';
import { intoField } from '../import/column-plan.ts';
import { convertColumn } from '../import/convert-column.ts';
import { decodeFile } from '../import/decode-file.ts';
import { unguardRows } from '../import/formula-guard.ts';
import { readCsv } from '../import/read-csv.ts';
import { titleOr } from '../record/title.ts';
import { BYTE_ORDER_MARK, csvHeader, csvRows } from './csv-text.ts';

const id = (number: number): EntityId => `01890000-0000-7000-8000-${String(number).padStart(12, '0')}` as EntityId;

const OPTIONS = ['Open', 'Done, mostly', 'a; b', '=1+1', "'@x", 'open sea', 'ünï', '-', 'two words'];
const fields: readonly Field[] = FIELD_KINDS.map((kind, i) => ({
  id: id(i + 1),
  type: id(0),
  name: kind === 'email' ? '=Mail, "work"' : `Field of ${kind}`,
  kind,
  order: `a${i}`,
  hidden: false,
  options:
    kind === 'select' || kind === 'multiSelect'
      ? OPTIONS.map((name, at) => ({ id: id(100 + at), name, order: `a${at}`, tint: 0 }))
      : [],
  target: kind === 'link' ? id(50) : null,
}));
const fieldOf = (kind: FieldKind): Field => fields.find((field) => field.kind === kind)!;

const TITLES = ['Ada', '=HYPERLINK("x")', 'Löwe & Söhne', 'with, comma', '"quoted"'];
const links = Object.fromEntries(TITLES.map((title, i) => [id(200 + i), titleOr(title)]));

const row = (values: { readonly [field: string]: JsonValue }, at = 0): RecordRow => ({
  id: id(1_000 + at),
  type: id(0),
  values,
  links,
  waiting: false,
  refused: false,
  conflicted: false,
  sample: false,
});

/** Out as a file, and in again as an import reads it. */
async function roundTrip(rows: readonly RecordRow[]): Promise<JsonValue[][]> {
  const bytes = new TextEncoder().encode(BYTE_ORDER_MARK + csvHeader(fields) + csvRows(fields, rows));
  const decoded = decodeFile(bytes);
  if (!decoded.ok) throw new Error(decoded.error);
  const table = await readCsv(decoded.value.text);
  expect(table.problemCount).toBe(0);
  const [names, ...cells] = unguardRows(table.rows);
  expect(names?.cells).toEqual(fields.map(({ name }) => name));
  const records = new Map(Object.entries(links).map(([record, title]) => [title.toLowerCase(), record as EntityId]));
  return Promise.all(
    fields.map(async (field, column) => {
      const setting = { mintId: () => id(9_999), localToUtc: (reading: number) => reading, records };
      const hints = { decimal: '.', dayFirst: true } as const;
      const target = intoField(field) as Exclude<ReturnType<typeof intoField>, { kind: 'skip' }>;
      const converted = await convertColumn(cells, column, target, hints, setting);
      expect(converted.misfits).toEqual([]);
      expect(converted.newOptions).toEqual([]);
      return [...converted.values];
    }),
  );
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('=1+1', "'=1+1", '007', '+44 20 7946', '-5', '@x', '"', ',', 'a\nb', '\t=x', '1e5', 'TRUE', ';'),
);
const anyOf: { readonly [kind in FieldKind]: fc.Arbitrary<JsonValue> } = {
  text,
  longText: fc.oneof(
    text,
    fc.array(text, { maxLength: 4 }).map((lines) => lines.join('\n')),
  ),
  number: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.constantFrom(0.1, 1e21, -1e300, 5e-324, 2 ** 53 + 2),
  ),
  date: fc
    .date({ min: new Date('0001-01-02'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((day) => day.toISOString().slice(0, 10)),
  dateTime: fc
    .date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true })
    .map((day) => day.toISOString()),
  checkbox: fc.boolean(),
  select: fc.constantFrom(...fieldOf('select').options.map((option) => option.id)),
  multiSelect: fc.subarray(fieldOf('multiSelect').options.map((option) => option.id)),
  link: fc.constantFrom(...Object.keys(links)),
  email: fc.constantFrom('=a@b.c', 'ada@example.org', '+a@b'),
  url: fc.constantFrom('https://example.org/?q=a,b&c="d"', 'mailto:a@b'),
  phone: fc.constantFrom('+44 20 7946 0018', '*21#', '(030) 12 34'),
};

describe('CSV out and in again', () => {
  test('gives the same values, whatever is in them', async () => {
    const anyRow = fc.record(
      Object.fromEntries(fields.map((field) => [field.id, fc.option(anyOf[field.kind], { freq: 5 })])),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { minLength: 1, maxLength: 6 }), async (drafts) => {
        // As a field keeps them: trimmed, options in order, nothing as null.
        const kept = drafts.map((draft) =>
          Object.fromEntries(
            fields.map((field) => {
              const checked = checkValue(field, draft[field.id]);
              return [field.id, checked.ok ? checked.value : null];
            }),
          ),
        );
        const filled = kept.filter((values) => Object.values(values).some((value) => value !== null));
        const columns = await roundTrip(filled.map((values, at) => row(values, at)));
        expect(columns).toEqual(fields.map((field) => filled.map((values) => values[field.id] ?? null)));
      }),
      { numRuns: 300 },
    );
  });

  test('writes plain forms', () => {
    const values = {
      [fieldOf('text').id]: '=SUM(A1)',
      [fieldOf('number').id]: 1234567.5,
      [fieldOf('date').id]: '2026-11-25',
      [fieldOf('dateTime').id]: '2026-11-25T09:00:00.000Z',
      [fieldOf('checkbox').id]: true,
      [fieldOf('select').id]: id(100),
      [fieldOf('multiSelect').id]: [id(100), id(101)],
      [fieldOf('link').id]: id(200),
      [fieldOf('phone').id]: '+44 20 7946 0018',
    };
    const [cells] = Papa.parse<string[]>(csvRows(fields, [row(values)])).data;
    expect(cells).toEqual([
      "'=SUM(A1)",
      '',
      '1234567.5',
      '2026-11-25',
      '2026-11-25T09:00:00.000Z',
      'Yes',
      'Open',
      'Open; Done, mostly',
      'Ada',
      '',
      '',
      '+44 20 7946 0018',
    ]);
    expect(csvRows(fields, [row(values)])).toMatch(/^"?'=SUM.*\r\n$/);
    expect(csvRows(fields, [])).toBe('');
  });

  test('writes what does not fit its field as it is, and ids that are not known', () => {
    const strange = row({
      [fieldOf('number').id]: 'many',
      [fieldOf('select').id]: id(777),
      [fieldOf('link').id]: id(778),
    });
    const [cells] = Papa.parse<string[]>(csvRows(fields, [strange])).data;
    expect(cells).toContain('many');
    expect(cells).toContain(id(777));
    expect(cells).toContain(id(778));
  });
});
