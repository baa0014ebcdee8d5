/**
 * The devices of `npm run bench:first-sync` (e2e/perf/first-sync.ts) that need no browser, each in a process of its own with the
 * real store on a file, the real sync loop and HTTP: one that uploads a large book, and one that joins.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import type { RecordsAnswer, SchemaAnswer } from '../core/query.ts';
import type { Membership } from '../protocol/account.ts';
import { SnapshotList, snapshotsPath, type SnapshotOffer } from '../protocol/snapshot-offer.ts';
import { BookGenerator } from './book-generator.ts';
import { claimBody, joinBody } from './daybook-server.ts';
import { fillBook } from './large-book.ts';
import { SyncClient, until } from './sync-client.ts';
import * as v from 'valibot';

const HOUR = 3_600_000;
/** So many that a snapshot is left ([SNAP-7]): with 10, nearly everything is newest. */
const EVENTS_PER_RECORD = 20;

export type Role =
  | { readonly kind: 'upload'; readonly url: string; readonly path: string; readonly events: number }
  | {
      readonly kind: 'join';
      readonly url: string;
      readonly path: string;
      readonly owner: Membership;
      readonly snapshot: boolean;
    };

export interface Figures {
  readonly [name: string]: number | string | Membership;
}

export const seconds = (millis: number): number => Math.round(millis / 100) / 10;
export const megabytes = (bytes: number): number => Math.round(bytes / 100_000) / 10;

/**
 * The most memory that this process took, and the longest that its event loop stood still, while `work` ran. What the heap holds right
 * behind a collection is what the work needs; how much garbage lies on top of it is up to the engine.
 */
async function watched(work: () => Promise<Figures>): Promise<Figures> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let [heap, rss] = [0, 0];
  let needed: number | null = null;
  const collections = new PerformanceObserver((list) => {
    const whole = list.getEntries().some(isWhole);
    if (whole) needed = Math.max(needed ?? 0, process.memoryUsage().heapUsed);
  });
  collections.observe({ entryTypes: ['gc'] });
  const timer = setInterval(() => {
    const usage = process.memoryUsage();
    heap = Math.max(heap, usage.heapUsed);
    rss = Math.max(rss, usage.rss);
  }, 20);
  const figures = await work();
  clearInterval(timer);
  collections.disconnect();
  delay.disable();
  return {
    ...figures,
    'longest turn, ms': Math.round(delay.max / 1e6),
    'turns p99, ms': Math.round(delay.percentile(99) / 1e6),
    'heap at most, MB': megabytes(heap),
    'heap after collections, at most, MB': needed === null ? 'none of the whole heap' : megabytes(needed),
    'memory at most, MB': megabytes(rss),
  };
}

/** Whether a collection was of the whole heap, as the engine tells of it. */
const isWhole = (collection: object): boolean =>
  (collection as { readonly detail?: { readonly kind?: number } }).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;

export async function post<T>(url: string, path: string, body: object, token?: string): Promise<T> {
  const headers = { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function offers(url: string, { bookId, token }: Membership): Promise<readonly SnapshotOffer[]> {
  const answer = await fetch(url + snapshotsPath(bookId), { headers: { Authorization: `Bearer ${token}` } });
  return v.parse(SnapshotList, await answer.json()).snapshots;
}

/** Fills a book as from a file, links it, sends everything, and waits until its snapshot is on the server. */
async function upload({ url, path, events }: Extract<Role, { kind: 'upload' }>): Promise<Figures> {
  const client = new SyncClient(path, Date.now, () => 0);
  fillBook(client.db, new BookGenerator(1).history(Math.ceil(events / EVENTS_PER_RECORD), events));
  const body = { ...claimBody(null, client.clientId), bookId: client.store.identity().bookId };
  const owner = await post<Membership>(url, '/v1/claim', body);
  return watched(async () => {
    const start = performance.now();
    client.link({ origin: url, membership: owner });
    await until('everything is sent', () => client.status.kind === 'synced', 4 * HOUR);
    const sent = performance.now();
    let offered: readonly SnapshotOffer[] = [];
    while (offered.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      offered = await offers(url, owner);
    }
    const figures = {
      owner,
      events: client.events,
      'sent, s': seconds(sent - start),
      'snapshot made and sent, s': seconds(performance.now() - sent),
      'snapshot, MB': megabytes(offered[0]!.bytes),
      'snapshot, pieces': offered[0]!.pieces,
    };
    client.close();
    return figures;
  });
}

/** A new device, from the moment that it is linked. */
async function joinIn({ url, path, owner, snapshot }: Extract<Role, { kind: 'join' }>): Promise<Figures> {
  const client = new SyncClient(path, Date.now, () => 0);
  const { code } = await post<{ code: string }>(url, '/v1/links', { for: 'device' }, owner.token);
  const membership = await post<Membership>(url, '/v1/join', joinBody(code, client.clientId));
  return watched(async () => {
    const start = performance.now();
    client.link({ origin: url, membership, snapshots: snapshot });
    await until('fifty records can be shown', () => recordsOf(client) >= 50, HOUR);
    const shown = performance.now();
    await until(
      'the state is here',
      () => client.store.sync.cursor() !== null && client.status.kind === 'synced',
      4 * HOUR,
    );
    const state = performance.now();
    await until('history is here', () => client.store.sync.history() === null, 4 * HOUR);
    const figures = {
      'first 50 records, s': seconds(shown - start),
      'all records, s': seconds(state - start),
      'all history, s': seconds(performance.now() - start),
      'events in the end': client.events,
    };
    client.close();
    return { ...figures, 'database, MB': megabytes(statSync(path).size) };
  });
}

function recordsOf({ store }: SyncClient): number {
  const { types } = JSON.parse(store.answer({ kind: 'schema' })) as SchemaAnswer;
  return types.reduce((most, { id }) => {
    const answer = JSON.parse(store.answer({ kind: 'records', type: id, offset: 0, limit: 50 })) as RecordsAnswer;
    return Math.max(most, answer.rows.length);
  }, 0);
}

/** Runs a role in a process of its own. */
export function play(role: Role): Promise<Figures> {
  const child: ChildProcess = fork(import.meta.filename, [], {
    env: { ...process.env, BENCH_ROLE: JSON.stringify(role) },
  });
  return new Promise((resolve, reject) => {
    child.on('message', (figures) => resolve(figures as Figures));
    child.on('exit', (code) => reject(new Error(`the ${role.kind} ended with ${code}`)));
  });
}

const given = process.env['BENCH_ROLE'];
if (given !== undefined) {
  const role = JSON.parse(given) as Role;
  const figures = role.kind === 'upload' ? await upload(role) : await joinIn(role);
  process.send?.(figures);
  process.disconnect();
}
