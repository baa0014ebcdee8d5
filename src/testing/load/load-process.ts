/** A process that puts a server under load and says how busy it was itself. Its parent tells it what to do (load-worker.ts). */
import { EvoluClient } from './evolu-client.ts';
import { watchLoad, type ClientLoad } from './saturation.ts';
import { StreamClient } from './stream-client.ts';
import type { BundleSize, Fetched, LoadClient, Target } from './target.ts';

export interface AppendJob {
  readonly size: BundleSize;
  /** How many appends are under way at a time; each connection takes its devices in turn. */
  readonly connections: number;
  readonly devices: number;
  readonly warmUpMillis: number;
  readonly millis: number;
}

export interface AppendReport {
  /** Of each append that was acknowledged while it counted, in milliseconds. */
  readonly latencies: readonly number[];
  /** All that were acknowledged, while it warmed up as well. */
  readonly acknowledged: number;
  /** Bytes on the wire for one append, HTTP's headers included. */
  readonly bytesSent: number;
  readonly load: ClientLoad;
}

export type Order =
  | { readonly kind: 'connect'; readonly target: Target }
  | { readonly kind: 'prepare'; readonly job: AppendJob }
  | { readonly kind: 'append'; readonly job: AppendJob }
  | { readonly kind: 'write'; readonly device: number }
  | { readonly kind: 'follow'; readonly devices: readonly number[] }
  | { readonly kind: 'watch' }
  | { readonly kind: 'watched' }
  | { readonly kind: 'upload'; readonly device: number; readonly events: number }
  | { readonly kind: 'fetch'; readonly device: number; readonly encoded: boolean };

/** What each order is answered with. */
export interface Answers {
  connect: null;
  prepare: null;
  append: AppendReport;
  /** When it was sent, and when acknowledged, on the machine's steady clock. */
  write: readonly [sent: number, acknowledged: number];
  follow: null;
  watch: null;
  watched: ClientLoad;
  upload: number;
  fetch: Fetched & { readonly load: ClientLoad };
}

export type ToParent =
  | { readonly kind: 'done'; readonly answer: Answers[keyof Answers] }
  | { readonly kind: 'failed'; readonly message: string }
  /** Every reader of this book in this process has the next bundle: when each got it, on the machine's steady clock. */
  | { readonly kind: 'arrived'; readonly book: number; readonly at: readonly number[] };

/** Milliseconds of a clock that all processes of the machine share. */
const steady = (): number => Number(process.hrtime.bigint()) / 1e6;

/** How many followers connect at a time: no server has to take thousands in one breath. */
const CONNECT_AT_A_TIME = 100;
/** Bundles of each connection made before the clock runs, where making them costs. */
const PREPARED: { readonly [size in BundleSize]: number } = { 1: 40, 1_000: 1 };

let client: LoadClient | null = null;
let books = 1;
let stopWatch: (() => ClientLoad) | null = null;

process.on('message', (order: Order) => {
  carryOut(order).then(
    (answer) => tell({ kind: 'done', answer }),
    (error: unknown) => tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());

const tell = (message: ToParent): void => void process.send!(message);

async function carryOut(order: Order): Promise<Answers[keyof Answers]> {
  if (order.kind === 'connect') {
    client?.close();
    books = order.target.books;
    client = order.target.kind === 'streams' ? new StreamClient(order.target) : await EvoluClient.open(order.target);
    return null;
  }
  if (!client) throw new Error('not connected yet');
  switch (order.kind) {
    case 'prepare':
      await prepare(client, order.job);
      return null;
    case 'append':
      return append(client, order.job);
    case 'write': {
      const sent = steady();
      await client.write(order.device, 1);
      return [sent, steady()];
    }
    case 'follow':
      await follow(client, order.devices);
      return null;
    case 'watch':
      stopWatch = watchLoad();
      return null;
    case 'watched':
      return stopWatch!();
    case 'upload':
      return client.upload(order.device, order.events);
    case 'fetch': {
      const stop = watchLoad();
      const fetched = await client.fetchAll(order.device, order.encoded);
      return { ...fetched, load: stop() };
    }
  }
}

/** The devices of each connection. */
const sharesOf = ({ connections, devices }: AppendJob): number[][] =>
  Array.from({ length: connections }, (_, c) =>
    Array.from({ length: Math.ceil((devices - c) / connections) }, (_each, i) => c + i * connections),
  );

async function prepare(client: LoadClient, job: AppendJob): Promise<void> {
  const count = PREPARED[job.size];
  for (const share of sharesOf(job)) {
    const some = share.slice(0, count);
    for (const device of some) await client.prepare(device, job.size, Math.ceil(count / some.length));
  }
}

async function append(client: LoadClient, job: AppendJob): Promise<AppendReport> {
  const { size, warmUpMillis, millis } = job;
  const latencies: number[] = [];
  let sent = 0;
  let acknowledged = 0;
  const before = client.traffic();
  const from = performance.now() + warmUpMillis;
  const until = from + millis;
  const work = Promise.all(
    sharesOf(job).map(async (share) => {
      for (let i = 0; performance.now() < until; i++) {
        const start = performance.now();
        sent += 1;
        await client.write(share[i % share.length]!, size);
        const now = performance.now();
        acknowledged += 1;
        if (now >= from && now <= until) latencies.push(now - start);
      }
    }),
  );
  await Promise.race([sleep(warmUpMillis), work]);
  const stop = watchLoad();
  // What is still under way when the time is over is not waited for: a slow server would take minutes.
  await Promise.race([sleep(until - performance.now()), work]);
  const bytesSent = (client.traffic().sent - before.sent) / sent;
  return { latencies, acknowledged, bytesSent, load: stop() };
}

const sleep = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

async function follow(client: LoadClient, devices: readonly number[]): Promise<void> {
  const readers = new Map<number, number>();
  const arrivals = new Map<number, number[]>();
  for (const device of devices) readers.set(device % books, (readers.get(device % books) ?? 0) + 1);
  const waiting = [...devices];
  const connect = async (): Promise<void> => {
    for (let device = waiting.pop(); device !== undefined; device = waiting.pop()) {
      const book = device % books;
      await client.follow(device, () => {
        const at = arrivals.get(book) ?? [];
        arrivals.set(book, at);
        at.push(steady());
        if (at.length < readers.get(book)!) return;
        arrivals.delete(book);
        tell({ kind: 'arrived', book, at });
      });
    }
  };
  await Promise.all(Array.from({ length: CONNECT_AT_A_TIME }, connect));
}
