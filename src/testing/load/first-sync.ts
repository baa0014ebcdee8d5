/** How fast a device that has nothing gets a whole book: the bytes alone, and into a real client's database. */
import { join } from 'node:path';
import { SyncClient, until } from '../sync-client.ts';
import type { Contender } from './contenders.ts';
import { LoadWorker } from './load-worker.ts';
import type { Fetched } from './target.ts';
import { memoryOf, watchServer, type Memory, type Watched } from './watch-server.ts';
import { watchLoad } from './saturation.ts';

export interface FirstSyncPlan {
  readonly events: number;
  /** Whether a real client takes it in as well: Daybook's alone. */
  readonly ingest: boolean;
}

export interface Fetch extends Fetched {
  readonly watched: Watched;
}

export interface FirstSync extends FirstSyncPlan {
  readonly contender: Contender['name'];
  /** Bundles, or Evolu's messages. */
  readonly messages: number;
  readonly plain: Fetch;
  /** With `Accept-Encoding: gzip`; null where there is no such thing. */
  readonly gzipped: Fetch | null;
  /** A client with a store on node:sqlite, by way of the sync loop that the app runs. */
  readonly ingested: { readonly millis: number; readonly watched: Watched } | null;
  readonly idle: Memory | null;
  readonly after: Memory | null;
}

export async function measureFirstSync(contender: Contender, plan: FirstSyncPlan, work: string): Promise<FirstSync> {
  const running = await contender.start(work, 1, 2);
  const idle = memoryOf(running);
  const client = new LoadWorker();
  try {
    await client.do({ kind: 'connect', target: running.target });
    const messages = await client.do({ kind: 'upload', device: 0, events: plan.events });
    const fetchOnce = async (encoded: boolean): Promise<Fetch> => {
      const stop = watchServer(running);
      const { load, ...fetched } = await client.do({ kind: 'fetch', device: 0, encoded });
      if (fetched.messages !== messages) throw new Error(`${fetched.messages} of ${messages} messages were fetched`);
      return { ...fetched, watched: stop([load]) };
    };
    const plain = await fetchOnce(false);
    const gzipped = running.target.kind === 'streams' ? await fetchOnce(true) : null;
    client.stop();

    let ingested: FirstSync['ingested'] = null;
    if (plan.ingest && running.target.kind === 'streams') {
      const { origin, devices } = running.target;
      const stop = watchServer(running);
      const stopClient = watchLoad();
      const start = performance.now();
      const device = new SyncClient(join(work, `client-${plan.events}.db`));
      device.link({ origin, membership: { ...devices[1]!, role: 'member', token: devices[1]!.token! } });
      await until('the whole book', () => device.status.kind === 'synced' && device.events === plan.events, 900_000);
      ingested = { millis: performance.now() - start, watched: stop([stopClient()]) };
      device.close();
    }
    return { ...plan, contender: contender.name, messages, plain, gzipped, ingested, idle, after: memoryOf(running) };
  } finally {
    client.stop();
    await running.stop();
  }
}
