/** A book of some size on a real server, and the devices that join it. */
import { randomBytes } from 'node:crypto';
import type { EntityId } from '../core/ids.ts';
import type { TimelineAnswer } from '../core/query.ts';
import type { Membership } from '../protocol/account.ts';
import { snapshotsPath, type SnapshotOffer } from '../protocol/snapshot-offer.ts';
import { claimBody, startDaybook, type DaybookServer } from './daybook-server.ts';
import { takeWhole, type TakenSnapshot } from './snapshots.ts';
import { SyncClient, until } from './sync-client.ts';

export const DAY = 86_400_000;

const cleanups: (() => unknown)[] = [];

/** Has something done after the present test, the last first. */
export const afterTest = (cleanup: () => unknown): unknown => cleanups.push(cleanup);

/** To be called after each test. */
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
}

export const isSynced = (...clients: SyncClient[]): boolean => clients.every(({ status }) => status.kind === 'synced');
export const isWhole = (client: SyncClient): boolean => isSynced(client) && client.store.sync.history() === null;
export const areEqual = (a: SyncClient, b: SyncClient): boolean =>
  a.events === b.events && a.dump().join() === b.dump().join();
export const timeline = (client: SyncClient): TimelineAnswer => JSON.parse(client.store.answer({ kind: 'timeline' })) as TimelineAnswer; // prettier-ignore

export class Scene {
  readonly server: DaybookServer;
  readonly owner: Membership;
  readonly phone: SyncClient;
  readonly type: EntityId;
  readonly field: EntityId;
  readonly records: readonly EntityId[];

  constructor(
    server: DaybookServer,
    owner: Membership,
    phone: SyncClient,
    made: Pick<Scene, 'type' | 'field' | 'records'>,
  ) {
    this.server = server;
    this.owner = owner;
    this.phone = phone;
    ({ type: this.type, field: this.field, records: this.records } = made);
  }

  /** Changes some records, each once. */
  edit(by: SyncClient, count: number, text = ''): void {
    const changes = this.records.slice(0, count).map((entityId) => ({
      entityId,
      field: this.field,
      value: `${text}${randomBytes(30).toString('base64')}`,
    }));
    by.do({ kind: 'setValues', changes });
  }

  /** Uploads what a client would, as it is now. */
  async upload(
    of: SyncClient,
    change: (pieces: readonly Uint8Array[]) => readonly Uint8Array[] = (pieces) => pieces,
  ): Promise<TakenSnapshot> {
    // prettier-ignore
    const taken = takeWhole(of);
    const pieces = change(taken.pieces);
    const path = `${snapshotsPath(this.owner.bookId)}/${taken.id}`;
    const { token } = this.owner;
    for (const [i, body] of pieces.entries()) await this.server.call('PUT', `${path}/pieces/${i}`, { token, body });
    const finish = { cursor: taken.cursor, pieces: pieces.length, events: of.events };
    const answer = await this.server.call('PUT', path, { token, body: finish });
    if (answer.status !== 204) throw new Error(`not finished: ${answer.status}`);
    return taken;
  }

  async offers(): Promise<readonly SnapshotOffer[]> {
    const answer = await this.server.call('GET', snapshotsPath(this.owner.bookId), { token: this.owner.token });
    return ((await answer.json()) as { snapshots: SnapshotOffer[] }).snapshots;
  }

  /** A device whose account is known, and that is not linked yet; what `path` holds is gone on with. */
  async device(path?: string, clientId?: Membership): Promise<{ client: SyncClient; membership: Membership }> {
    const made = new SyncClient(path, this.server.context.now, () => 0);
    afterTest(() => {
      made.driver.stop();
    });
    return { client: made, membership: clientId ?? (await this.server.link(this.owner, 'device', made.clientId)) };
  }

  async join(path?: string): Promise<SyncClient> {
    const { client, membership } = await this.device(path);
    return client.link({ origin: this.server.url, membership });
  }
}

/** An owner's phone, synced, with a few hundred records of some size, each of them changed a few times. */
export async function scene({ now = Date.now, retain = null as number | null } = {}): Promise<Scene> {
  const server = await startDaybook({
    now,
    config: { retainMillis: retain },
    // Small pages, so that there are many.
    limits: { page: { messages: 3, bytes: 300_000 } },
  });
  afterTest(() => server.stop());
  const phone = new SyncClient(undefined, now, () => 0);
  afterTest(() => phone.close());
  const [type, field, long] = [phone.mint(), phone.mint(), phone.mint()];
  const fields = [
    { id: field, name: 'Title', kind: 'text' },
    { id: long, name: 'Notes', kind: 'longText' },
  ] as const;
  phone.do({ kind: 'createType', id: type, name: 'Notes', fields });
  const records = Array.from({ length: 300 }, () => phone.mint());
  const values = (i: number) => ({ [field]: `Title ${i}`, [long]: randomBytes(3_000).toString('base64') });
  phone.do({ kind: 'createRecords', type, records: records.map((id, i) => ({ id, values: values(i) })) });
  const body = { ...claimBody(null, phone.clientId), bookId: phone.store.identity().bookId };
  const owner = (await (await server.call('POST', '/v1/claim', { body })).json()) as Membership;
  const made = new Scene(server, owner, phone, { type, field, records });
  phone.link({ origin: server.url, membership: owner });
  await until('the phone is synced', () => isSynced(phone));
  for (let round = 0; round < 3; round++) {
    made.edit(phone, 200);
    await until('the edits are sent', () => isSynced(phone));
  }
  return made;
}
