import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { EntityId } from '../core/ids.ts';
import { makeTimestamp, type NodeId } from '../core/timestamp.ts';
import type { Membership } from '../protocol/account.ts';
import { snapshotsPath, type SnapshotOffer } from '../protocol/snapshot-offer.ts';
import { LOCAL_TABLES } from '../testing/canonical-dump.ts';
import { CuttingProxy, type Where } from '../testing/cutting-proxy.ts';
import { claimBody, joinBody } from '../testing/daybook-server.ts';
import { after, nodePlatform } from '../testing/node-platform.ts';
import { type ServerProcess, startProcess } from '../testing/server-process.ts';
import { SyncClient, until } from '../testing/sync-client.ts';
import { must } from '../testing/test-book.ts';
import { asker } from './answers.ts';
import { createSnapshotTransport } from './snapshot-transport.ts';
import { SnapshotUpload } from './snapshot-upload.ts';

vi.setConfig({ testTimeout: 240_000 });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const pieceRequest = (piece: number): RegExp => new RegExp(`^PUT .*/pieces/${piece}$`);
const LAST_WORD = /^PUT .*\/snapshots\/[^/]+$/;

/** A server in a process of its own behind a proxy, and a synced phone whose snapshot takes several pieces. */
class Scene {
  readonly proxy: CuttingProxy;
  phone: SyncClient;
  readonly #data: string;
  readonly #path: string;
  #server: ServerProcess;
  #owner!: Membership;
  #field!: EntityId;
  #records: readonly EntityId[] = [];

  private constructor(folder: string, server: ServerProcess, proxy: CuttingProxy) {
    this.#data = join(folder, 'data');
    this.#path = join(folder, 'phone.db');
    this.#server = server;
    this.proxy = proxy;
    this.phone = new SyncClient(this.#path, Date.now, () => 0);
    cleanups.push(() => this.phone.driver.stop());
  }

  static async make(): Promise<Scene> {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-upload-'));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    const server = await startProcess({ DAYBOOK_DATA: join(folder, 'data') });
    const proxy = await CuttingProxy.start(server.port);
    const scene = new Scene(folder, server, proxy);
    cleanups.push(async () => {
      proxy.stop();
      scene.#server.kill('SIGKILL');
      await scene.#server.ended;
    });
    await scene.#fill();
    return scene;
  }

  async #fill(): Promise<void> {
    const { phone } = this;
    const [type, title, notes] = [phone.mint(), phone.mint(), phone.mint()];
    const fields = [
      { id: title, name: 'Title', kind: 'text' },
      { id: notes, name: 'Notes', kind: 'longText' },
    ] as const;
    phone.do({ kind: 'createType', id: type, name: 'Notes', fields });
    this.#records = Array.from({ length: 500 }, () => phone.mint());
    this.#field = title;
    const values = (i: number) => ({ [title]: `Title ${i}`, [notes]: randomBytes(6_000).toString('base64') });
    phone.do({ kind: 'createRecords', type, records: this.#records.map((id, i) => ({ id, values: values(i) })) });
    const body = { ...claimBody(null, phone.clientId), bookId: phone.store.identity().bookId };
    this.#owner = await this.#post<Membership>('/v1/claim', body);
    phone.link({ origin: this.proxy.url, membership: this.#owner });
    await until('the phone is synced', () => phone.status.kind === 'synced');
    await this.edit('once more');
  }

  /** Changes records, and waits until the server has it. */
  async edit(text: string): Promise<void> {
    const changes = this.#records.slice(0, 200).map((entityId) => ({ entityId, field: this.#field, value: text }));
    this.phone.do({ kind: 'setValues', changes });
    await until('it is sent', () => this.phone.status.kind === 'synced' && this.phone.store.sync.unechoed() === 0);
  }

  /** The tab dies, and is opened again. */
  killTab(): void {
    this.phone.close();
    this.phone = new SyncClient(this.#path, Date.now, () => 0);
    this.phone.link({ origin: this.proxy.url, membership: this.#owner });
  }

  async killServer(): Promise<void> {
    this.#server.kill('SIGKILL');
    await this.#server.ended;
    this.#server = await startProcess({ DAYBOOK_DATA: this.#data });
    this.proxy.pointTo(this.#server.port);
  }

  /** What a session does behind its lanes once; `signal` ends it. */
  upload(signal = new AbortController().signal): Promise<void> {
    const { sync } = this.phone.store;
    const upload = new SnapshotUpload({
      store: {
        // A book that has grown.
        arrived: () => 30_000,
        spared: () => 20_000,
        takeSnapshot: () => sync.takeSnapshot(),
        resumeSnapshot: () => sync.resumeSnapshot(),
        noteUpload: (mark) => sync.noteUpload(mark),
      },
      after: (millis, run) => after(Math.min(millis, 50), run),
      random: () => 0,
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
      onTrouble: (error) => {
        throw error;
      },
    });
    const url = this.proxy.url + snapshotsPath(this.#owner.bookId);
    return upload.consider(createSnapshotTransport(asker(nodePlatform(), this.#owner.token), url), signal);
  }

  /** Begins to upload; the connection is lost with a request for this piece, or (null) with the one behind them all, and the tab dies. */
  async die(piece: number | null, where: Where): Promise<void> {
    const abort = new AbortController();
    const lost = new Promise<void>((resolve) => {
      this.proxy.loseNext(piece === null ? LAST_WORD : pieceRequest(piece), where, () => {
        abort.abort();
        resolve();
      });
    });
    await Promise.all([lost, this.upload(abort.signal)]);
    this.killTab();
  }

  lose(piece: number, where: Where): void {
    this.proxy.loseNext(pieceRequest(piece), where);
  }

  /** Pieces that were asked to be stored, in order: which snapshot's, by when it was begun, and which number. */
  get asked(): string[] {
    const ids: string[] = [];
    return this.proxy.requests.flatMap((request) => {
      const [, id, number] = /^PUT .*\/snapshots\/([^/]+)\/pieces\/(\d+)$/.exec(request) ?? [];
      if (id === undefined) return [];
      if (!ids.includes(id)) ids.push(id);
      return [`${'abc'[ids.indexOf(id)]}${number}`];
    });
  }

  async offers(): Promise<readonly SnapshotOffer[]> {
    const headers = { Authorization: `Bearer ${this.#owner.token}` };
    const answer = await fetch(this.proxy.url + snapshotsPath(this.#owner.bookId), { headers });
    return ((await answer.json()) as { snapshots: SnapshotOffer[] }).snapshots;
  }

  /** Whether a new device starts from the snapshot that is there, and comes to the same. */
  async isUsable(): Promise<boolean> {
    const { phone } = this;
    const [offer] = await this.offers();
    const { code } = await this.#post<{ code: string }>('/v1/links', { for: 'device' });
    const laptop = new SyncClient(undefined, Date.now, () => 0);
    cleanups.push(() => laptop.close());
    const membership = await this.#post<Membership>('/v1/join', joinBody(code, laptop.clientId));
    laptop.link({ origin: this.proxy.url, membership });
    let started = false;
    await until('all is here', () => {
      started ||= laptop.store.sync.start()?.snapshot === offer?.id || laptop.store.sync.history() !== null;
      return laptop.status.kind === 'synced' && laptop.store.sync.history() === null && laptop.events >= phone.events;
    });
    const derived = (client: SyncClient): string[] => client.dump().filter((_, table) => !LOCAL_TABLES.has(table));
    return started && derived(laptop).join() === derived(phone).join();
  }

  async #post<T>(path: string, body: object): Promise<T> {
    const headers: Record<string, string> = { 'Content-Type': 'application/json' };
    if (this.#owner as Membership | undefined) headers['Authorization'] = `Bearer ${this.#owner.token}`;
    const answer = await fetch(this.proxy.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}

function prune({ store }: SyncClient): void {
  const run = must(store.prune(makeTimestamp(Date.now(), 0, '0000000000000000' as NodeId)));
  while (!must(run.step()).done);
}

/** Numbers of the pieces that one whole upload asks for, each once. */
const each = (pieces: number, letter = 'a'): string[] => Array.from({ length: pieces }, (_, i) => `${letter}${i}`);

test('[SNAP-7] where the connection is lost, before a piece, in it or behind it, that piece is sent again and no other', async () => {
  const at = await Scene.make();
  for (const [i, where] of (['request', 'body', 'reply'] as const).entries()) {
    at.proxy.requests.length = 0;
    at.lose(i + 1, where);
    await at.upload();
    expect(at.proxy.cut).toBe(i + 1);
    const [offer] = await at.offers();
    expect(offer?.pieces).toBeGreaterThan(4);
    expect(at.asked).toEqual(each(offer!.pieces).toSpliced(i + 1, 0, `a${i + 1}`));
  }
  expect(await at.isUsable()).toBe(true);
});

test('[SNAP-7] the tab dies at any point of a piece, and changes come meanwhile: the next session goes on with that piece', async () => {
  const at = await Scene.make();
  const before = must(at.phone.store.sync.takeSnapshot()).events;
  for (const [i, where] of (['request', 'body', 'reply'] as const).entries()) {
    await at.die(i + 1, where);
    expect(await at.offers()).toEqual([]);
    await at.edit(`made after death ${i}`);
  }
  // And with the server: what it had acknowledged, it still has.
  await at.die(4, 'reply');
  await at.killServer();
  await at.edit('made after both had died');
  await at.upload();
  const [offer] = await at.offers();
  expect(at.asked).toEqual(each(offer!.pieces).flatMap((piece, i) => (i >= 1 && i <= 4 ? [piece, piece] : piece)));
  // It is of when it was begun; what came since lies behind it.
  expect(offer).toMatchObject({ events: before });
  expect(offer!.behind).toBeGreaterThan(0);
  expect(await at.isUsable()).toBe(true);
});

test('[SNAP-7] where everything but the last word was said when the tab died, that is all that is said', async () => {
  const at = await Scene.make();
  await at.upload();
  const [first] = await at.offers();
  at.proxy.requests.length = 0;
  await at.die(null, 'request');
  expect(at.asked).toEqual(each(first!.pieces));
  await at.upload();
  expect(at.asked).toEqual(each(first!.pieces));
  expect((await at.offers()).map(({ pieces }) => pieces)).toEqual([first!.pieces, first!.pieces]);
});

test('[SNAP-3] [SNAP-7] history is shortened between two sessions of an upload: what comes of both is as good', async () => {
  const at = await Scene.make();
  for (const piece of [0, 2]) {
    await at.die(piece, 'request');
    // What was newest when it was begun goes.
    await at.edit(`newer than piece ${piece}`);
    prune(at.phone);
  }
  await at.upload();
  expect((await at.offers()).length).toBe(1);
  expect(await at.isUsable()).toBe(true);
});

test('[SNAP-7] the server has a piece that this device does not know of, and that would be another one now: it is begun anew', async () => {
  const at = await Scene.make();
  await at.die(2, 'reply');
  at.phone.db.run(`UPDATE events SET value = substr(value, 1, length(value) - 2) || '!"' WHERE length(value) > 5000`);
  await at.upload();
  const [offer, ...others] = await at.offers();
  expect(others).toEqual([]);
  expect(at.asked).toEqual(['a0', 'a1', 'a2', 'a2', ...each(offer!.pieces, 'b')]);
});

test('[SNAP-7] who has another name by now, or reads another log, begins anew', async () => {
  const at = await Scene.make();
  await at.die(1, 'request');
  const { sync } = at.phone.store;
  expect(sync.resumeSnapshot()?.first).toBe(1);
  at.phone.driver.stop();
  at.phone.store.newClient();
  expect(sync.resumeSnapshot()).toBeNull();
  const mark = [...must(sync.takeSnapshot()).pieces()].find((piece) => piece !== null)!.mark;
  sync.noteUpload(mark);
  expect(sync.resumeSnapshot()?.first).toBe(1);
  // A part that was sent is another one now.
  sync.noteUpload(JSON.stringify({ ...JSON.parse(mark), skip: 1, digest: 7 }));
  expect([...(sync.resumeSnapshot()?.pieces() ?? [])]).not.toContainEqual(expect.objectContaining({ mark: expect.anything() })); // prettier-ignore
  for (const strange of ['', '{', 'null', '{"piece":-1}', mark.replace('log', 'what')]) {
    sync.noteUpload(strange);
    expect(sync.resumeSnapshot()).toBeNull();
  }
  sync.noteUpload(mark);
  sync.startOver();
  expect(sync.resumeSnapshot()).toBeNull();
});
