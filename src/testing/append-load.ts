/** Several devices that append to several books of a server at once, over HTTP, and remember what was acknowledged. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { BookId } from '../core/ids.ts';
import { type Link, type Membership, streamPath } from '../protocol/account.ts';
import { openDatabase } from '../server/database.ts';
import { migrations } from '../server/schema.ts';
import { bundleOf, claimBody, joinBody, type SentBundle } from './daybook-server.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type ServerProcess, startProcess } from './server-process.ts';

const PAYLOADS = [4, 400, 4_000, 120_000];
/** How long a device waits after 507 or 503, instead of the minute that the server asks for. */
const PAUSE_MILLIS = 20;

interface Writer {
  readonly device: Membership;
  readonly acknowledged: SentBundle[];
  /** Number of the next append. */
  seq: number;
  /** Sealed once, so that what was not acknowledged is sent again byte for byte, under the same number. */
  underWay: readonly SentBundle[] | null;
}

export class AppendLoad {
  readonly #writers: readonly Writer[];
  readonly #random: SeededRandom;
  /** Answers other than acknowledgements, by status. */
  readonly refusals = new Map<number, number>();
  #onAcknowledged: () => void = () => {};

  constructor(devices: readonly Membership[], random: SeededRandom) {
    this.#writers = devices.map((device) => ({ device, acknowledged: [], seq: 0, underWay: null }));
    this.#random = random;
  }

  get acknowledged(): number {
    return this.#writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  }

  /**
   * Begins to append, each device one append after another. The function returned ends that: appends under way may fail
   * from then on, and it resolves once the last one is over. A failure before that rejects.
   */
  start(url: string): () => Promise<void> {
    const running = { alive: true };
    const work = Promise.all(this.#writers.map((writer) => this.#write(writer, url, running)));
    // Told by the function below.
    work.catch(() => {});
    return async () => {
      running.alive = false;
      await work;
    };
  }

  /** Resolves once so many more bundles were acknowledged. */
  after(bundles: number): Promise<void> {
    const aim = this.acknowledged + bundles;
    return new Promise((resolve) => {
      this.#onAcknowledged = () => {
        if (this.acknowledged >= aim) resolve();
      };
    });
  }

  async #write(writer: Writer, url: string, running: { readonly alive: boolean }): Promise<void> {
    while (running.alive) {
      writer.underWay ??= this.#seal(writer.device);
      let status: number;
      try {
        status = await this.#append(url, writer, writer.underWay);
      } catch (error) {
        if (running.alive) throw error;
        return;
      }
      if (status === 200 || status === 204) {
        writer.acknowledged.push(...writer.underWay);
        writer.underWay = null;
        writer.seq += 1;
        this.#onAcknowledged();
      } else {
        this.refusals.set(status, (this.refusals.get(status) ?? 0) + 1);
        if (status !== 507 && status !== 503) throw new Error(`an append was answered with ${status}`);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLIS));
      }
    }
  }

  #seal(device: Membership): SentBundle[] {
    const payload = 'A'.repeat(this.#random.pick(PAYLOADS));
    return Array.from({ length: 1 + this.#random.below(3) }, () => ({ ...bundleOf(device), payload }));
  }

  async #append(url: string, { device, seq }: Writer, bundles: readonly SentBundle[]): Promise<number> {
    const response = await fetch(url + streamPath(device.bookId), {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${device.token}`,
        'Producer-Id': device.clientId,
        'Producer-Epoch': '0',
        'Producer-Seq': String(seq),
      },
      body: JSON.stringify(bundles),
    });
    await response.arrayBuffer();
    return response.status;
  }

  /**
   * Reads every book from the start. Throws unless of each device everything acknowledged is there, in order and once, and
   * behind it the append under way as a whole or not at all. Returns how many bundles there are.
   */
  async verify(url: string): Promise<number> {
    const books = Map.groupBy(this.#writers, ({ device }) => device.bookId);
    let bundles = 0;
    for (const writers of books.values()) {
      const stored = await readBook(url, writers[0]!.device);
      bundles += stored.length;
      if (new Set(stored.map(({ id }) => id)).size !== stored.length) throw new Error('a bundle is there twice');
      const known = new Set(writers.map(({ device }) => device.clientId as string));
      if (!stored.every(({ clientId }) => known.has(clientId))) throw new Error('a bundle of nobody is there');
      for (const { device, acknowledged, underWay } of writers) {
        const mine = stored.filter(({ clientId }) => clientId === device.clientId);
        const whole = [...acknowledged, ...(underWay ?? [])];
        const rest = mine.length - acknowledged.length;
        if (rest < 0) throw new Error(`${-rest} acknowledged bundles of ${device.clientId} are gone`);
        if (rest !== 0 && rest !== underWay?.length)
          throw new Error(`an append is there in part: ${rest} bundles of it`);
        for (const [i, bundle] of mine.entries()) {
          if (JSON.stringify(bundle) !== JSON.stringify(whole[i])) {
            throw new Error(`bundle ${i} of ${device.clientId} is ${bundle.id}, not ${whole[i]!.id}`);
          }
        }
      }
    }
    return bundles;
  }
}

/** All bundles of the device's book. */
async function readBook(url: string, { bookId, token }: Membership): Promise<SentBundle[]> {
  const found: SentBundle[] = [];
  for (let offset = '-1'; ;) {
    const headers = { Authorization: `Bearer ${token}` };
    const response = await fetch(`${url}${streamPath(bookId)}?offset=${offset}`, { headers });
    if (response.status !== 200) throw new Error(`a page was answered with ${response.status}`);
    found.push(...((await response.json()) as SentBundle[]));
    if (response.headers.get('Stream-Up-To-Date') === 'true') return found;
    offset = response.headers.get('Stream-Next-Offset')!;
  }
}

async function post<T>(url: string, path: string, body: unknown, token?: string): Promise<T> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/**
 * A server process on `dataFolder` with so many books and so many devices in each, as their owner. The API makes one book a
 * server; the others are entered while it is down.
 */
export async function startWithBooks(
  settings: Readonly<Record<string, string>> & { readonly DAYBOOK_DATA: string },
  books: number,
  devicesEach: number,
): Promise<{ readonly server: ServerProcess; readonly devices: readonly Membership[] }> {
  const first = await startProcess(settings);
  const owner = await post<Membership>(first.url, '/v1/claim', claimBody());
  const link = async (by: Membership, to: 'device' | 'person'): Promise<Membership> => {
    const { code } = await post<Link>(first.url, '/v1/links', { for: to }, by.token);
    return post<Membership>(first.url, '/v1/join', joinBody(code));
  };
  const owners = [owner];
  while (owners.length < books) {
    owners.push({ ...(await link(owner, 'person')), bookId: randomUUID() as BookId, role: 'owner' });
  }
  const devices = [...owners];
  for (const one of owners) {
    for (let i = 1; i < devicesEach; i++) devices.push({ ...(await link(one, 'device')), bookId: one.bookId });
  }
  first.kill('SIGTERM');
  await first.ended;

  const db = openDatabase(join(settings.DAYBOOK_DATA, 'daybook.sqlite'), migrations);
  for (const { bookId, userId } of owners.slice(1)) {
    db.prepare('INSERT INTO books VALUES (?, 0)').run(bookId);
    db.prepare(`UPDATE memberships SET book_id = ?, role = 'owner' WHERE user_id = ?`).run(bookId, userId);
  }
  db.close();

  const server = await startProcess(settings);
  for (const { bookId, token } of owners) {
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
    const { status } = await fetch(server.url + streamPath(bookId), { method: 'PUT', headers });
    if (status !== 200 && status !== 201) throw new Error(`a book was answered with ${status}`);
  }
  return { server, devices };
}
