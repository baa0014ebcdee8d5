import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { readHeader, readLine, writeHeader, writeLine } from '../core/json-lines.ts';
import { checkEvent } from '../core/validate.ts';
import { anyEvents } from '../testing/arbitraries.ts';
import { linesOf, removeFiles } from '../testing/backup-file.ts';
import { BookGenerator } from '../testing/book-generator.ts';
import { canonicalDump } from '../testing/canonical-dump.ts';
import { openBook, openTasks } from '../testing/open-book.ts';
import { randomLog } from '../testing/random-log.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { must, type TestBook } from '../testing/test-book.ts';

afterEach(removeFiles);

/** Takes a whole file in, so many lines at a time. */
function takeAll(book: TestBook, text: string, atATime: number): { events: number; ahead: number; refused: number } {
  const [header, ...lines] = text.split('\n');
  const bookId = must(readHeader(header!));
  const sum = { events: 0, ahead: 0, refused: 0 };
  for (let i = 0; i < lines.length; i += atATime) {
    const taken = book.store.files.takeLines(lines.slice(i, i + atATime), i + 2, bookId);
    for (const key of ['events', 'ahead', 'refused'] as const) sum[key] += taken[key];
  }
  return sum;
}

const shuffle = (lines: readonly string[], random: SeededRandom): string[] =>
  lines
    .map((line) => ({ line, place: random.next() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ line }) => line);

describe('an event as a line', () => {
  test('comes back as it was, whatever it holds', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        for (const event of events) {
          const checked = checkEvent(event);
          if (!checked.ok) continue;
          const line = writeLine(checked.value);
          expect(line.slice(0, -1)).not.toContain('\n');
          expect(readLine(line)).toEqual(checked);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('has its columns in letters', () => {
    const book = openTasks();
    const task = book.addTask({ title: 'Ünï "quoted"' });
    const line = linesOf(book.store)
      .split('\n')
      .find((each) => each.includes('quoted'));
    expect(JSON.parse(line!)).toEqual({
      id: expect.any(String) as string,
      client_id: book.store.identity().clientId,
      entity_id: task,
      attribute: book.fields.title,
      value: 'Ünï "quoted"',
      timestamp: expect.stringMatching(/^2026-11-23T09:00:00\.\d{3}Z-[0-9a-f]{4}-[0-9a-f]{16}$/) as string,
      previous: [],
    });
  });

  test.each([
    ['{', 'This is not a JSON object'],
    ['[]', 'This is not a JSON object'],
    ['{"id":"1","value":1}', 'id: not a UUID'],
    ['{"id":"01890000-0000-7000-8000-000000000001"}', 'value: missing'],
    ['{"id":"01890000-0000-7000-8000-000000000001","client_id":"x","value":1}', 'client_id: not a UUID'],
    [`{"value":${'['.repeat(400_000)}`, 'This is not a JSON object'],
  ])('that is not in order says what is wrong: %.60s', (line, reason) => {
    expect(readLine(line)).toEqual({ ok: false, error: reason });
  });

  test('nested deeper than any value is refused, not run into', () => {
    const line = (depth: number) =>
      `{"id":"01890000-0000-7000-8000-000000000001","client_id":"01890000-0000-7000-8000-000000000001","entity_id":"01890000-0000-7000-8000-000000000001","attribute":"a","value":${'['.repeat(depth)}${']'.repeat(depth)},"timestamp":"${'0'.repeat(32)}"}`;
    expect(readLine(line(20)).ok).toBe(true);
    for (const depth of [40, 5_000, 200_000]) {
      const read = readLine(line(depth));
      expect(read.ok || read.error).toMatch(/nested|JSON object|not JSON/);
    }
  });
});

test('the first line says which book it is, and which version', () => {
  const bookId = openBook().store.identity().bookId;
  expect(readHeader(writeHeader(bookId))).toEqual({ ok: true, value: bookId });
  expect(readHeader('{"format":"daybook-events","version":2,"book":"x"}')).toEqual({
    ok: false,
    error: { kind: 'newer', found: 2, known: 1 },
  });
  for (const line of [
    '',
    'id,name',
    '{}',
    '{"format":"daybook-events"}',
    '{"format":"daybook-events","version":1,"book":7}',
  ])
    expect(readHeader(line)).toEqual({ ok: false, error: { kind: 'notABook' } });
});

describe('[FILE-4] all events as lines', () => {
  test.each([1, 2, 3, 4, 5, 6])('into an empty book and out again give the same bytes, seed %d', (seed) => {
    const random = new SeededRandom(seed);
    const log = randomLog(random, 50);
    const book = openBook({ random: new SeededRandom(seed + 10) });
    const { bookId } = book.store.identity();
    book.store.files.takeLines(log.map(writeLine), 2, bookId);
    const text = linesOf(book.store);
    expect(text.split('\n')).toHaveLength(log.length + 2);
    const empty = openBook({ random: new SeededRandom(seed + 20) });
    expect(takeAll(empty, text, 1 + random.below(40))).toEqual({ events: log.length, ahead: 0, refused: 0 });
    expect(linesOf(empty.store)).toBe(text);
    expect(canonicalDump(empty.db)).toEqual(canonicalDump(book.db));
    // In whatever order the lines come.
    const shuffled = openBook({ random: new SeededRandom(seed + 30) });
    const [header, ...lines] = text.trimEnd().split('\n');
    takeAll(shuffled, [header, ...shuffle(lines, random), ''].join('\n'), 13);
    expect(linesOf(shuffled.store)).toBe(text);
    expect(takeAll(shuffled, text, 100)).toEqual({ events: 0, ahead: 0, refused: 0 });
  });

  test('in pages, though one transaction is larger than any of them', () => {
    const generator = new BookGenerator(5, 2);
    const made = [
      generator.schema(),
      generator.importRecords(1_100),
      ...Array.from({ length: 50 }, () => generator.edit(2)),
    ];
    const book = openBook({ random: new SeededRandom(6) });
    book.clock.set(generator.clock.now());
    const events = made.flatMap((transaction) => transaction.events);
    book.store.files.takeLines(events.map(writeLine), 2, book.store.identity().bookId);
    let pages = 0;
    for (let page = book.store.files.lines(null); page.next !== null; page = book.store.files.lines(page.next))
      pages += 1;
    expect(pages).toBeGreaterThan(3);
    const lines = linesOf(book.store).trimEnd().split('\n').slice(1);
    expect(lines).toHaveLength(events.length);
    expect(new Set(lines).size).toBe(events.length);
    expect(lines.map((line) => must(readLine(line)).id).toSorted()).toEqual(events.map((event) => event.id).toSorted());
  });

  test('[HLC-4] what waits for its time goes out too, and waits again where it comes in', () => {
    const book = openTasks();
    const fast = openTasks({ random: new SeededRandom(3) });
    fast.clock.advance(3_600_000);
    fast.addTask({ title: 'in an hour' });
    takeAll(book, linesOf(fast.store), 1_000);
    const text = linesOf(book.store);
    const empty = openBook({ random: new SeededRandom(4) });
    expect(takeAll(empty, text, 1_000)).toMatchObject({ ahead: 2, refused: 0 });
    expect(linesOf(empty.store)).toBe(text);
  });

  test('of which some are not in order: those are named by their number, the others are taken', () => {
    const book = openTasks();
    const lines = linesOf(book.store).trimEnd().split('\n').slice(1);
    const spoilt = [lines[0]!, 'what is this?', '', null, ...lines.slice(1), lines[1]!.replace('"id":"0', '"id":"x')];
    const empty = openBook({ random: new SeededRandom(4) });
    const { bookId } = book.store.identity();
    expect(empty.store.files.isSameBook(bookId)).toBe(true);
    expect(empty.store.files.countLines(spoilt, 2)).toEqual({
      fresh: lines.length,
      ahead: 0,
      known: 0,
      refused: [
        { number: 3, reason: 'This is not a JSON object' },
        { number: 5, reason: 'This line is longer than any change, or is not UTF-8 text' },
        { number: spoilt.length + 1, reason: 'id: not a UUID' },
      ],
    });
    expect(empty.store.stats().events).toBe(0);
    expect(empty.store.files.takeLines(spoilt, 2, bookId)).toEqual({ events: lines.length, ahead: 0, refused: 3 });
    expect(empty.store.files.countLines([...lines, lines[0]!], 2)).toMatchObject({ fresh: 0, known: lines.length + 1 });
    expect(canonicalDump(empty.db)).toEqual(canonicalDump(book.db));
  });
});
