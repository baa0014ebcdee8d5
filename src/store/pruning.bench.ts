/** What shortening a history and starting from a snapshot take, beside the ingest of the same log. Printed, not asserted. */
import { expect, test } from 'vitest';
import type { EntityId, UserId } from '../core/ids.ts';
import { makeTimestamp, type NodeId } from '../core/timestamp.ts';
import { TaskBook } from '../testing/task-book.ts';
import { must, TestBook } from '../testing/test-book.ts';
import { exchange, link, MemoryStream } from '../testing/two-devices.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { startFrom, takeWhole } from '../testing/snapshots.ts';
import { SqliteDatabase } from '../worker/sqlite-database.ts';
import { loadEngine } from '../worker/sqlite-engine.ts';

/** sqlite-wasm in memory, as in store.bench.ts. */
const engine = await loadEngine();
const memory = (): SqliteDatabase => new SqliteDatabase(engine, ':memory:', null);
const RECORDS = 5_000;
/** Each changes every one of the four fields of every record. */
const VERSIONS = 5;
const AT_A_TIME = 100;

const timed = <T>(work: () => T): { readonly made: T; readonly millis: number } => {
  const start = performance.now();
  const made = work();
  return { made, millis: performance.now() - start };
};

test('20,000 attributes of five versions each, all on the server', { timeout: 3_600_000 }, () => {
  const author = new TaskBook({ db: memory() });
  const ids = Array.from({ length: RECORDS }, () => author.mint());
  const values = (version: number, i: number): { readonly [field: EntityId]: string | number } =>
    author.byId({
      title: `Task ${i}, ${version}`,
      notes: `What was seen, ${version}`,
      effort: i + version,
      mail: `a${i}.${version}@b.org`,
    }) as { readonly [field: EntityId]: string | number };
  for (let from = 0; from < RECORDS; from += AT_A_TIME) {
    const some = ids.slice(from, from + AT_A_TIME);
    author.do({
      kind: 'createRecords',
      type: author.tasks,
      records: some.map((id, i) => ({ id, values: values(0, from + i) })),
    });
    for (let version = 1; version < VERSIONS; version++) {
      author.do({
        kind: 'setValues',
        changes: some.flatMap((entityId, i) =>
          Object.entries(values(version, from + i)).map(([field, value]) => ({
            entityId,
            field: field as EntityId,
            value,
          })),
        ),
      });
    }
  }
  const { bookId } = author.store.identity();
  const user = author.mint<UserId>();
  const stream = new MemoryStream();
  link(author, bookId, user);
  exchange(author, stream);

  const reader = new TestBook({ db: memory(), clock: author.clock, random: new SeededRandom(2) });
  link(reader, bookId, user);
  const ingest = timed(() => exchange(reader, stream));
  author.clock.advance(1);
  const horizon = makeTimestamp(author.clock.now(), 0, '0000000000000000' as NodeId);
  const toTheEnd = (count?: 'count'): number => {
    const run = must(reader.store.prune(horizon, count));
    for (;;) {
      const { done, events } = must(run.step());
      if (done) return events;
    }
  };
  const size = (): number => reader.store.export().length;
  const whole = timed(() => takeWhole(reader));
  const started = new TestBook({ db: memory(), clock: author.clock, random: new SeededRandom(3) });
  link(started, bookId, user);
  const start = timed(() => must(startFrom(started, whole.made, author.clock.now())));

  const before = size();
  const counted = timed(() => toTheEnd('count'));
  const pruned = timed(() => toTheEnd());
  const unused = reader.store.unusedBytes();
  const compacted = timed(() => reader.store.compact());
  const after = size();
  expect(pruned.made).toBe(counted.made);

  const row = (what: string, millis: number): string =>
    `  ${what.padEnd(32)}${millis.toFixed(0).padStart(8)} ms  x ${(millis / ingest.millis).toFixed(2)}`;
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  process.stdout.write(
    `\n${ingest.made.applied} events came, ${pruned.made} of them can go: ${mb(before)} before, ${mb(unused)} unused, ${mb(after)} after\n` +
      `${[
        row('ingest', ingest.millis),
        row('counting what can go', counted.millis),
        row('taking it out', pruned.millis),
        row('VACUUM', compacted.millis),
        row('taking a snapshot', whole.millis),
        row('starting from it', start.millis),
      ].join(
        '\n',
      )}\n  the snapshot: ${(whole.made.pieces.reduce((sum, piece) => sum + piece.length, 0) / 1e3).toFixed(0)} KB\n`,
  );
});
