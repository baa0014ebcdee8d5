/** What tests of sync do with whole clients (sync-client.ts) and a server, step by step. */
import { expect } from 'vitest';
import type { EntityId } from '../core/ids.ts';
import { streamPath, type Membership } from '../protocol/account.ts';
import { claimBody, joinBody, type SentBundle } from './daybook-server.ts';
import { until, type SyncClient } from './sync-client.ts';

async function post<T>(origin: string, path: string, body: object, token?: string): Promise<T> {
  const response = await fetch(origin + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Makes a client the owner of a server that nobody owns, or with its setup code; its book is the owner's. */
export const claim = (origin: string, by: SyncClient, setupCode: string | null = null): Promise<Membership> =>
  post(origin, '/v1/claim', { ...claimBody(setupCode, by.clientId), bookId: by.store.identity().bookId });

/** Makes a client one more device of somebody. */
export async function joinAs(origin: string, owner: Membership, by: SyncClient): Promise<Membership> {
  const { code } = await post<{ code: string }>(origin, '/v1/links', { for: 'device' }, owner.token);
  return post(origin, '/v1/join', joinBody(code, by.clientId));
}

export async function bundlesAt(origin: string, { bookId, token }: Membership): Promise<SentBundle[]> {
  const found: SentBundle[] = [];
  for (let offset = '-1'; ;) {
    const response = await fetch(`${origin}${streamPath(bookId)}?offset=${offset}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    found.push(...((await response.json()) as SentBundle[]));
    if (response.headers.get('stream-up-to-date') === 'true') return found;
    offset = response.headers.get('stream-next-offset')!;
  }
}

/** A type with one text field. */
export interface Tasks {
  readonly type: EntityId;
  readonly field: EntityId;
}

export function makeType(by: SyncClient): Tasks {
  const [type, field] = [by.mint(), by.mint()];
  by.do({ kind: 'createType', id: type, name: 'Tasks', fields: [{ id: field, name: 'Title', kind: 'text' }] });
  return { type, field };
}

export function makeRecord(by: SyncClient, { type, field }: Tasks, title: string): EntityId {
  const id = by.mint();
  by.do({ kind: 'createRecords', type, records: [{ id, values: { [field]: title } }] });
  return id;
}

export const isSynced = (...clients: SyncClient[]): boolean => clients.every(({ status }) => status.kind === 'synced');

/** Whether two hold the same log and the same values. */
export const areEqual = (a: SyncClient, b: SyncClient): boolean =>
  a.events === b.events && a.dump().join() === b.dump().join();

/** What must hold of every status that a client ever showed, as far as the client alone can tell. */
export function sawNoFalseEnd(by: SyncClient): void {
  expect(by.shown.filter((status) => status.kind === 'attention' || status.kind === 'writeFailed')).toEqual([]);
}

/** Two synced devices with a type and some records of either. */
export interface Pair {
  readonly phone: SyncClient;
  readonly laptop: SyncClient;
  readonly owner: Membership;
  readonly device: Membership;
  readonly tasks: Tasks;
}

/** @param client makes a client that is closed after the test */
export async function syncedPair(origin: string, client: () => SyncClient): Promise<Pair> {
  const [phone, laptop] = [client(), client()];
  const tasks = makeType(phone);
  const owner = await claim(origin, phone);
  const device = await joinAs(origin, owner, laptop);
  phone.link({ origin, membership: owner });
  laptop.link({ origin, membership: device });
  await until('both have the type', () => isSynced(phone, laptop) && areEqual(phone, laptop));
  for (let i = 0; i < 4; i++) {
    makeRecord(i % 2 === 0 ? phone : laptop, tasks, `Record ${i}`);
    await until('both have it', () => isSynced(phone, laptop) && areEqual(phone, laptop));
  }
  return { phone, laptop, owner, device, tasks };
}

/** Devices hold the same, attribute by attribute, and so does a newcomer, who knows nothing but what the server tells. */
export async function expectAllTheSame(
  origin: string,
  owner: Membership,
  newcomer: SyncClient,
  ...devices: SyncClient[]
): Promise<void> {
  newcomer.link({ origin, membership: await joinAs(origin, owner, newcomer) });
  const all = [newcomer, ...devices];
  await until('all hold the same', () => isSynced(...all) && devices.every((each) => areEqual(each, newcomer)));
  for (const each of all) {
    expect(each.store.sync.counts()).toMatchObject({ waiting: 0, quarantined: 0, rejected: 0 });
    expect(each.dump()).toEqual(newcomer.dump());
  }
}
