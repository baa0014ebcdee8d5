import { afterEach, expect, test } from 'vitest';
import type { AtPoint, FaultHost } from '../testing/fault-host.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import * as Comlink from 'comlink';

/** `npm run soak` goes on for so long, with its own seed; otherwise it is a sample, the same each time. */
const SOAK_MINUTES = Number(import.meta.env['VITE_SOAK_MINUTES'] ?? 0);
const random = new SeededRandom(Number(import.meta.env['VITE_SOAK_SEED'] ?? 1));
const SAMPLE = 3;

const workers: Worker[] = [];

function start(): { readonly worker: Worker; readonly host: Comlink.Remote<FaultHost> } {
  const worker = new Worker(new URL('./faults.test.worker.ts', import.meta.url), { type: 'module' });
  workers.push(worker);
  return { worker, host: Comlink.wrap<FaultHost>(worker) };
}

function end(): void {
  for (const worker of workers.splice(0)) worker.terminate();
}

/** The first message of the worker that is neither comlink's nor anything else's. */
const heard = <T>(worker: Worker, is: (data: unknown) => data is T): Promise<T> =>
  new Promise((resolve) =>
    worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => is(data) && resolve(data)),
  );
const isAtPoint = (data: unknown): data is AtPoint => typeof data === 'object' && data !== null && 'commits' in data;
const isBegin = (data: unknown): data is 'begins' => data === 'begins';

let directories = 0;

async function remove(directory: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  // The handles of a worker that was just stopped are let go a moment later.
  await root.removeEntry(directory.slice(1), { recursive: true }).catch(() => undefined);
}

/** The worker is terminated while it waits at a point of the verb, or (null) at any moment of it. Returns what is wrong. */
async function terminateAt(title: string, at: number | null): Promise<string | null> {
  const directory = `/faults-${Date.now()}-${++directories}`;
  const broken = start();
  const there = heard(broken.worker, isAtPoint);
  const begun = heard(broken.worker, isBegin);
  // Where it is stopped it never answers.
  const ended = broken.host.run(directory, title, at).then(
    () => 'it ended by itself',
    (error: unknown) => `it failed by itself: ${String(error)}`,
  );
  const stopped = await Promise.race(at === null ? [begun, ended] : [there, ended]);
  if (typeof stopped === 'string' && stopped !== 'begins') return stopped;
  const commits = typeof stopped === 'string' ? null : stopped.commits;
  if (at === null) await new Promise((resolve) => setTimeout(resolve, random.below(40)));
  broken.worker.terminate();
  const { host, worker } = start();
  const wrong = await host.startAgain(directory, title, commits);
  worker.terminate();
  await remove(directory);
  return wrong;
}

afterEach(end);

test(
  '[LOG-4] on OPFS, a worker that is terminated has done a command wholly or not at all, and a retry takes effect once',
  async () => {
    const { host } = start();
    const titles = await host.titles();
    const until = performance.now() + SOAK_MINUTES * 60_000;
    let [passed, failed] = [0, 0];
    for (let i = 0; i < SAMPLE || performance.now() < until; i++) {
      const title = random.pick(titles);
      const at = random.chance(0.7) ? random.below(await host.points(title)) : null;
      const wrong = await terminateAt(title, at);
      if (wrong === null) passed += 1;
      else {
        failed += 1;
        console.error(`${title}, terminated ${at === null ? 'at some moment' : `at point ${at}`}: ${wrong}`);
      }
      if (SOAK_MINUTES > 0 && i % 20 === 0) console.warn(`on OPFS: ${passed} passed, ${failed} failed`);
    }
    console.warn(`on OPFS: ${passed} passed, ${failed} failed`);
    expect(failed).toBe(0);
  },
  120_000 + SOAK_MINUTES * 60_000,
);
