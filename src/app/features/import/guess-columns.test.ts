import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ColumnGuesser, type ColumnGuess, type GuessSetting } from './guess-columns.ts';
import { guessHeader, nameColumns } from './guess-header.ts';
import { readCsv } from './read-csv.ts';

const setting: GuessSetting = { delimiter: ',', locale: { decimal: '.', dayFirst: false } };

function guess(values: readonly string[], name = '', change: Partial<GuessSetting> = {}): ColumnGuess {
  const guesser = new ColumnGuesser(name, { ...setting, ...change });
  for (const value of values) guesser.add(value);
  return guesser.guess();
}
const kind = (values: readonly string[], name?: string) => guess(values, name).kind;

describe('ColumnGuesser', () => {
  it.each([
    ['numbers', ['1', '-2.5', '1000', ''], 'number'],
    ['amounts of money', ['$1,200.50', '€3', '(none)'].slice(0, 2), 'number'],
    ['days', ['2026-11-23', '2026-01-01'], 'date'],
    ['days by name', ['23 November 2026', 'Jan 1, 2026'], 'date'],
    ['moments', ['2026-11-23T09:00:00Z', '2026-11-23 10:30'], 'dateTime'],
    ['yes and no', ['yes', 'No', ''], 'checkbox'],
    ['ticks', ['x', '', 'x'], 'checkbox'],
    ['addresses', ['a@b.example', 'c@d.example'], 'email'],
    ['links', ['https://a.example/x', 'www.b.example'], 'url'],
    ['phone numbers', ['+44 20 7946 0018', '(020) 7946-0147'], 'phone'],
    ['a few words again and again', ['open', 'done', 'open', 'open', 'done', 'done'], 'select'],
    ['words, each once', ['ant', 'bee', 'cat', 'dog', 'eel', 'fox'], 'text'],
    ['paragraphs', ['one\ntwo', 'three'], 'longText'],
    ['nothing', ['', ' '], 'text'],
    ['a word among days', ['2026-11-23', 'soon'], 'text'],
    ['files', ['a.txt', 'b.pdf'], 'text'],
    ['years', ['1999', '2004'], 'number'],
    ['ranges', ['10-20', '20-30'], 'text'],
    ['versions', ['1.2.3', '1.10.0'], 'text'],
  ] as const)('takes %s for what they are', (_, values, expected) => {
    expect(kind(values)).toBe(expected);
  });

  it.each([
    ['numbers with zeros in front', ['00123', '00456', '12345'], ''],
    ['one such among thousands', [...Array.from({ length: 5_000 }, (_, i) => String(10_000 + i)), '02139'], ''],
    ['zip codes', ['94110', '10001'], 'ZIP'],
    ['stock numbers', ['4711', '4712'], 'SKU'],
    ['digits beyond what a number keeps', ['12345678901234567890', '2'], ''],
    ['a fraction beyond what a number keeps', ['0.12345678901234567890', '2'], ''],
    ['book numbers', ['978-3-16-148410-0', '978-0-306-40615-7'], 'ISBN'],
    ['parts that look like exponents', ['12E5', '10E7'], 'Part'],
    ['eight digits that need not be a day', ['20260101', '20260102', '0020260103'], 'Order'],
  ])('leaves %s as text', (_, values, name) => {
    expect(kind(values, name)).toBe('text');
  });

  it('keeps as number what comes back as it was', () => {
    expect(kind(['-73.98765432109876', '40.7484405'])).toBe('number');
  });

  it('goes by the name where values alone do not tell', () => {
    expect(kind(['20260101', '20261231'])).toBe('number');
    expect(kind(['20260101', '20261231'], 'start_date')).toBe('date');
    expect(kind(['5550134', '5550178'])).toBe('number');
    expect(kind(['5550134', '5550178'], 'Phone')).toBe('phone');
  });

  it('allows one value in twenty to be odd, and none in a short column', () => {
    const numbers = Array.from({ length: 99 }, (_, i) => String(i + 1));
    expect(kind([...numbers, 'n/a'])).toBe('number');
    expect(kind(['1', '2', 'n/a'])).toBe('text');
    expect(kind([...numbers, ...Array.from({ length: 20 }, () => 'n/a')])).toBe('text');
  });

  it('finds out how numbers are written from those that leave no doubt', () => {
    expect(guess(['1,234', '1,5'])).toMatchObject({ kind: 'number', hints: { decimal: ',' }, decimalMatters: true });
    expect(guess(['1,234', '1,234.5'])).toMatchObject({ kind: 'number', hints: { decimal: '.' } });
    expect(guess(['1234', '1.5'])).toMatchObject({ hints: { decimal: '.' }, decimalMatters: false });
  });

  it('takes the delimiter for a sign where every number could be read both ways', () => {
    expect(guess(['1,234', '5,678'], '', { delimiter: ',' }).hints.decimal).toBe('.');
    expect(guess(['1,234', '5,678'], '', { delimiter: ';' }).hints.decimal).toBe(',');
    expect(
      guess(['1,234', '5,678'], '', { delimiter: '\t', locale: { decimal: ',', dayFirst: true } }).hints.decimal,
    ).toBe(',');
  });

  it('finds out which comes first, day or month', () => {
    expect(guess(['04/03/2026', '23/11/2026'])).toMatchObject({
      kind: 'date',
      hints: { dayFirst: true },
      dayFirstMatters: true,
    });
    expect(guess(['04/03/2026', '11/23/2026'])).toMatchObject({ kind: 'date', hints: { dayFirst: false } });
    expect(guess(['04/03/2026'], '', { locale: { decimal: '.', dayFirst: true } }).hints.dayFirst).toBe(true);
    expect(guess(['2026-03-04']).dayFirstMatters).toBe(false);
  });

  it('knows the columns of the airports', async () => {
    const { rows } = await readCsv(readFileSync('node_modules/vega-datasets/data/airports.csv', 'utf8'));
    const kinds = rows[0]!.cells.map((name, column) => [
      name,
      kind(
        rows.slice(1).map(({ cells }) => cells[column]!),
        name,
      ),
    ]);
    expect(Object.fromEntries(kinds)).toEqual({
      iata: 'text',
      name: 'text',
      city: 'text',
      state: 'text',
      country: 'select',
      latitude: 'number',
      longitude: 'number',
    });
  });
});

describe('guessHeader', () => {
  it.each([
    [['Name', 'City'], true],
    [['Ann', '42'], false],
    [['Name', ''], false],
    [['Name', 'name'], false],
    [['2026-11-23', 'x'], false],
    [['a@b.example', 'x'], false],
    [[], false],
  ] as const)('%j: %s', (cells, expected) => {
    expect(guessHeader(cells)).toBe(expected);
  });
});

it('names columns, each differently', () => {
  expect(nameColumns([' a ', 'A', '', 'b\nc'], 5)).toEqual(['a', 'A 2', 'Column 3', 'b c', 'Column 5']);
  expect(nameColumns(null, 2)).toEqual(['Column 1', 'Column 2']);
});
