/** How long it takes until a bundle that one device sends has reached everybody who follows its book live. */
import type { Contender } from './contenders.ts';
import { LoadWorker } from './load-worker.ts';
import { timesOf, type Times } from './saturation.ts';
import { memoryOf, watchServer, type Memory, type Watched } from './watch-server.ts';

/** Processes that readers are spread over. */
const READER_PROCESSES = 2;
const WARM_UP_ROUNDS = 2;
const MAX_ROUNDS = 100;
/** Nobody waits longer than this for one bundle. */
const ROUND_MILLIS = 60_000;

export interface FanOutPlan {
  readonly readers: number;
  /** The readers are spread evenly over so many books. */
  readonly books: number;
  /** Bundles are sent one after the other, each once the one before has reached everybody, for so long. */
  readonly millis: number;
}

export interface FanOut extends FanOutPlan {
  readonly contender: Contender['name'];
  readonly rounds: number;
  /** From when the bundle is sent to when each reader has it. */
  readonly receipt: Times;
  /** From when it is sent to when the last reader has it. */
  readonly last: Times;
  /** From when it is sent to its acknowledgement. */
  readonly acknowledged: Times;
  readonly watched: Watched;
  readonly idle: Memory | null;
}

export async function measureFanOut(contender: Contender, plan: FanOutPlan, work: string): Promise<FanOut> {
  const { books, readers, millis } = plan;
  // The first device of each book writes, the others read.
  const running = await contender.start(work, books, books + readers);
  const idle = memoryOf(running);
  const arrivals = new Arrivals();
  const processes = Array.from({ length: READER_PROCESSES }, () => new LoadWorker(arrivals.take));
  const writer = new LoadWorker();
  try {
    await Promise.all([writer, ...processes].map((each) => each.do({ kind: 'connect', target: running.target })));
    await Promise.all(processes.map((each, p) => each.do({ kind: 'follow', devices: readersOf(p, plan) })));
    for (let book = 0; book < Math.min(books, WARM_UP_ROUNDS); book++) await round(writer, arrivals, book, plan);

    const stop = watchServer(running);
    await Promise.all(processes.map((each) => each.do({ kind: 'watch' })));
    const receipts: number[] = [];
    const lasts: number[] = [];
    const acknowledgements: number[] = [];
    const until = performance.now() + millis;
    for (let i = 0; i < MAX_ROUNDS && performance.now() < until; i++) {
      const { sent, acknowledged, at } = await round(writer, arrivals, i % books, plan);
      for (const one of at) receipts.push(one - sent);
      lasts.push(Math.max(...at) - sent);
      acknowledgements.push(acknowledged - sent);
    }
    const loads = await Promise.all(processes.map((each) => each.do({ kind: 'watched' })));
    return {
      ...plan,
      contender: contender.name,
      rounds: lasts.length,
      receipt: timesOf(receipts),
      last: timesOf(lasts),
      acknowledged: timesOf(acknowledgements),
      watched: stop(loads),
      idle,
    };
  } finally {
    for (const each of [writer, ...processes]) each.stop();
    await running.stop();
  }
}

/** Devices that read in one process: of each book as many as in the other. Device `d` is one of book `d % books`. */
export function readersOf(process: number, { books, readers }: Pick<FanOutPlan, 'books' | 'readers'>): number[] {
  const all = Array.from({ length: readers }, (_, r) => r);
  return all.filter((r) => Math.floor(r / books) % READER_PROCESSES === process).map((r) => books + r);
}

interface Round {
  readonly sent: number;
  readonly acknowledged: number;
  /** When each reader got it. */
  readonly at: readonly number[];
}

async function round(
  writer: LoadWorker,
  arrivals: Arrivals,
  book: number,
  { books, readers }: FanOutPlan,
): Promise<Round> {
  const everybody = arrivals.expect(book, Math.floor(readers / books) + (book < readers % books ? 1 : 0));
  const [sent, acknowledged] = await writer.do({ kind: 'write', device: book });
  return { sent, acknowledged, at: await everybody };
}

/** Collects what the reader processes say until every reader of the book has spoken. */
class Arrivals {
  #book = -1;
  #missing = 0;
  #at: number[] = [];
  #done: (at: readonly number[]) => void = () => {};

  readonly take = (book: number, at: readonly number[]): void => {
    if (book !== this.#book) throw new Error(`a bundle arrived in book ${book}, where none was sent`);
    this.#at.push(...at);
    this.#missing -= at.length;
    if (this.#missing === 0) this.#done(this.#at);
  };

  expect(book: number, readers: number): Promise<readonly number[]> {
    this.#book = book;
    this.#missing = readers;
    this.#at = [];
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`${this.#missing} of ${readers} readers did not get a bundle`)),
        ROUND_MILLIS,
      );
      this.#done = (at) => {
        clearTimeout(late);
        resolve(at);
      };
    });
  }
}
