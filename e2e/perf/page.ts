/** The benchmark's page: runs one size of book and hands plain rows to the runner. */
import * as Comlink from 'comlink';
import { openClient } from '../../src/app/client.ts';
import type { BenchApi, BenchWorker } from './bench-worker.ts';
import type { Row } from './measure.ts';
import { median, percentile } from './statistics.ts';

const EDITS = 150;

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const millis = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
const rate = (events: number, taken: number): string =>
  `${Math.round((events / taken) * 1000).toLocaleString('en')} events/s`;

async function run(records: number, events: number, onRow: (row: Row) => void): Promise<void> {
  const worker = new Worker(new URL('./bench-worker.ts', import.meta.url), { type: 'module' });
  const bench = await Comlink.wrap<BenchWorker>(worker).open();

  const ingest = await bench.ingest(records, events);
  const counts = await bench.counts();
  if (counts.ours !== ingest.events) throw new Error(`the store holds ${counts.ours} of ${ingest.events} events`);
  onRow({
    work: `ingest of ${ingest.events.toLocaleString('en')} remote events, decoding included`,
    ours: `${rate(ingest.events, sum(ingest.ours))}; median page ${millis(median(ingest.ours))}`,
    yardstick: `${rate(ingest.events, sum(ingest.raw))}; ${millis(median(ingest.raw))} (prepared oo1 binds, decoded)`,
    ratio: median(ingest.raw) / median(ingest.ours),
    target: { kind: 'atLeast', ratio: 2 },
  });

  // Behind the ingest, so that the yardstick writes into a book as well.
  for (const row of await edits(bench)) onRow(row);

  const rebuild = await bench.rebuild(5);
  onRow({
    work: 'rebuild from the log',
    ours: millis(median(rebuild.ours)),
    yardstick: `${millis(median(rebuild.raw))} (INSERT … SELECT … GROUP BY)`,
    ratio: median(rebuild.ours) / median(rebuild.raw),
    target: { kind: 'atMost', ratio: 1.5 },
  });

  const start = await bench.coldStart(9);
  onRow({
    work: 'cold start to the first 50 records',
    ours: millis(median(start.ours)),
    yardstick: `${millis(median(start.raw))} (open + query)`,
    ratio: median(start.ours) / median(start.raw),
    target: { kind: 'atMost', ratio: 1.5 },
  });
}

/** Edits through the app's own client: page, worker, commit, and back. */
async function edits(bench: Comlink.Remote<BenchApi>): Promise<Row[]> {
  const client = openClient();
  const [type, field, record] = [client.mintId(), client.mintId(), client.mintId()];
  const made = await client.execute({
    kind: 'batch',
    label: 'Set up',
    commands: [
      { kind: 'createType', id: type, name: 'Edits', fields: [{ id: field, name: 'Text', kind: 'text' }] },
      { kind: 'createRecords', type, records: [{ id: record, values: {} }] },
    ],
  });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  const ours: number[] = [];
  const floor: number[] = [];
  for (let i = 0; i < EDITS; i++) {
    let start = performance.now();
    const outcome = await client.execute({
      kind: 'setValues',
      changes: [{ entityId: record, field, value: `edit ${i}` }],
    });
    ours.push(performance.now() - start);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.error));
    start = performance.now();
    await bench.nothing();
    const trip = performance.now() - start;
    floor.push(trip + (await bench.rawCommit()));
  }
  const row = (name: string, of: (samples: readonly number[]) => number, target: Row['target']): Row => ({
    work: `one edit, page to durable commit and back, ${name}`,
    ours: millis(of(ours)),
    yardstick: `${millis(of(floor))} (round trip + raw commit)`,
    ratio: of(ours) / of(floor),
    target,
  });
  return [
    row('median', median, null),
    row('p95', (samples) => percentile(samples, 0.95), { kind: 'atMost', ratio: 3 }),
  ];
}

Object.assign(window, { runBenchmark: run });
