/** The benchmark's page: runs one size of book and hands plain rows to the runner. */
import * as Comlink from 'comlink';
import { openClient } from '../../src/app/client.ts';
import type { BookSize } from '../../src/testing/long-history.ts';
import type { BenchApi, BenchWorker } from './bench-worker.ts';
import type { Flat, Row, SizeReport, Times } from './measure.ts';
import { median, percentile } from '../../src/testing/statistics.ts';

const EDITS = 200;
const READS = 100;

type Target = Row['target'];
const atMost = (ratio: number): Target => ({ kind: 'atMost', ratio });

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const millis = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const count = (value: number): string => value.toLocaleString('en');

/** A row of what took how long, by the median unless another is asked for. */
function timed(work: string, times: Times, yardstick: string, target: Target, of = median): Row {
  const [ours, raw, memory] = [of(times.ours), of(times.raw), of(times.memory)];
  return {
    work,
    ours: millis(ours),
    yardstick: `${millis(raw)} (${yardstick})`,
    ratio: ours / raw,
    floor: `${millis(memory)}, × ${(ours / memory).toFixed(1)}`,
    target,
  };
}

/** A row held against what it may take; how it relates to raw SQLite stands beside it. */
function within(work: string, limit: number, ours: number, raw?: Times): Row {
  const [disk, memory] = raw ? [median(raw.raw), median(raw.memory)] : [null, null];
  return {
    work,
    ours: millis(ours),
    yardstick: `${limit} ms allowed${disk === null ? '' : `; raw ${millis(disk)}, × ${(ours / disk).toFixed(1)}`}`,
    ratio: ours / limit,
    floor: memory === null ? null : `${millis(memory)}, × ${(ours / memory).toFixed(1)}`,
    target: atMost(1),
  };
}

const flat = (work: string, { ours, raw }: Times): Flat => ({ work, ours: median(ours), raw: median(raw) });

export interface Measured extends SizeReport {
  /** Of the largest type, for who opens the app on this book. */
  readonly type: string;
}

async function run(size: BookSize, say: (words: string) => void): Promise<Measured> {
  const worker = new Worker(new URL('./bench-worker.ts', import.meta.url), { type: 'module' });
  const bench = await Comlink.wrap<BenchWorker>(worker).open(size);
  const rows: Row[] = [];
  const flats: Flat[] = [];
  const add = (row: Row): void => {
    rows.push(row);
    say(`${row.work}: ${row.ours} against ${row.yardstick}, ratio ${row.ratio.toFixed(2)}`);
  };
  // Long work is measured less often.
  const rounds = size.events > 300_000 ? 3 : 7;

  const tell = Comlink.proxy((events: number) => say(`${count(events)} of ${count(size.events)} events are in`));
  add(ingested(size, await bench.ingest(tell)));

  const rebuilt = 'one raw INSERT … SELECT … GROUP BY';
  add(timed('rebuild of attributes', await bench.rebuild('attributes', rounds), rebuilt, atMost(1.5)));
  const everything = await bench.rebuild(undefined, rounds);
  add(timed('rebuild of attributes and every projection', everything, `${rebuilt}, without any`, null));

  const start = await bench.coldStart(11);
  add(timed('cold start to the first 50 records', start, 'open + query; in memory: query', atMost(1.5)));
  flats.push(flat('cold start to the first 50 records', start));

  const edits = await bench.edit(EDITS);
  add(timed('one edit, in the worker, median', edits, 'raw commit', null));
  flats.push(flat('one edit, in the worker', edits));
  const record = await bench.record(READS);
  add(timed('one record with everything about it', record, 'attributes, first and last change', null));
  flats.push(flat('one record', record));
  const history = await bench.history(READS);
  add(timed('the history of one record', history, 'its events', null));
  flats.push(flat('the history of one record', history));

  const past = await bench.recordInThePast(READS);
  add(within('one record at a past time', 5, median(past.ours), past));
  flats.push(flat('one record at a past time', past));
  const table = await bench.tableInThePast(rounds);
  // A small book has no table of 10,000 records.
  add(within(`a whole table of ${count(table.records)} records at a past time`, 300, median(table.times)));
  const first = await bench.firstPages(rounds);
  for (const [work, times] of Object.entries(first.times))
    add(within(`first page of ${count(first.records)} records, ${work}`, 100, median(times)));

  const bytes = await bench.bytes();
  add({
    work: 'the database, bytes per event',
    ours: `${(bytes.ours / size.events).toFixed(0)} bytes; ${megabytes(bytes.ours)}`,
    yardstick: `${(bytes.raw / size.events).toFixed(0)} bytes (the two tables alone)`,
    ratio: bytes.ours / bytes.raw,
    floor: null,
    target: null,
  });

  const { type, field, records } = await bench.letGo();
  for (const row of await throughTheApp(bench, field, records)) add(row);
  return { ...size, rows, flat: flats, type };
}

function ingested({ events }: BookSize, times: Times): Row {
  const taken = { ours: sum(times.ours), raw: sum(times.raw), memory: sum(times.memory) };
  const rate = (millisTaken: number): string => `${count(Math.round((events / millisTaken) * 1000))} events/s`;
  return {
    work: `ingest of ${count(events)} remote events, decoding, checks and every projection included`,
    ours: rate(taken.ours),
    yardstick: `${rate(taken.raw)} (prepared oo1 binds into two tables, decoded)`,
    ratio: taken.raw / taken.ours,
    floor: `${rate(taken.memory)}, × ${(taken.memory / taken.ours).toFixed(1)}`,
    target: { kind: 'atLeast', ratio: 2 },
  };
}

/** Edits through the app's own client on the same book: page, worker, commit, and back. */
async function throughTheApp(
  bench: Comlink.Remote<BenchApi>,
  field: ReturnType<BenchApi['letGo']>['field'],
  records: ReturnType<BenchApi['letGo']>['records'],
): Promise<Row[]> {
  const client = openClient();
  const ours: number[] = [];
  const floor: number[] = [];
  for (let i = 0; i <= EDITS; i++) {
    const entityId = records[i % records.length]!;
    let start = performance.now();
    const outcome = await client.execute({ kind: 'setValues', changes: [{ entityId, field, value: `page ${i}` }] });
    const taken = performance.now() - start;
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.error));
    start = performance.now();
    await bench.nothing();
    const trip = performance.now() - start;
    const commit = await bench.rawCommit();
    // The first one waits until the app has opened the book.
    if (i === 0) continue;
    ours.push(taken);
    floor.push(trip + commit);
  }
  const row = (name: string, of: (samples: readonly number[]) => number, target: Target): Row => ({
    work: `one edit, page to durable commit and back, ${name}`,
    ours: millis(of(ours)),
    yardstick: `${millis(of(floor))} (round trip + raw commit)`,
    ratio: of(ours) / of(floor),
    floor: null,
    target,
  });
  return [row('median', median, null), row('p95', (samples) => percentile(samples, 0.95), atMost(3))];
}

Object.assign(window, { runBenchmark: run });
