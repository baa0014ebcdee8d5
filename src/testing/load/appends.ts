/** How many bundles a server acknowledges in a second. */
import type { Contender } from './contenders.ts';
import { LoadWorker } from './load-worker.ts';
import { timesOf, type Times } from './saturation.ts';
import type { BundleSize } from './target.ts';
import { memoryOf, watchServer, type Memory, type Watched } from './watch-server.ts';

/** Appends under way at a time, whatever the number of books: so only that number differs. */
export const CONNECTIONS = 64;

export interface AppendPlan {
  readonly books: number;
  readonly size: BundleSize;
  readonly warmUpMillis: number;
  readonly millis: number;
}

export interface Appends extends AppendPlan {
  readonly contender: Contender['name'];
  readonly bundlesPerSecond: number;
  readonly eventsPerSecond: number;
  readonly times: Times;
  /** In all the time that the server was watched. */
  readonly acknowledged: number;
  /** Of one append, HTTP's headers included. */
  readonly bytesSent: number;
  readonly watched: Watched;
  /** When it had started and done nothing yet. */
  readonly idle: Memory | null;
}

export async function measureAppends(contender: Contender, plan: AppendPlan, work: string): Promise<Appends> {
  const devices = Math.max(CONNECTIONS, plan.books);
  const running = await contender.start(work, plan.books, devices);
  const client = new LoadWorker();
  try {
    const idle = memoryOf(running);
    await client.do({ kind: 'connect', target: running.target });
    const job = { ...plan, devices, connections: CONNECTIONS };
    await client.do({ kind: 'prepare', job });
    const stop = watchServer(running);
    const { latencies, acknowledged, load, bytesSent } = await client.do({ kind: 'append', job });
    const perSecond = (latencies.length * 1_000) / plan.millis;
    return {
      ...plan,
      contender: contender.name,
      bundlesPerSecond: perSecond,
      eventsPerSecond: perSecond * plan.size,
      times: timesOf(latencies),
      acknowledged,
      bytesSent,
      watched: stop([load]),
      idle,
    };
  } finally {
    client.stop();
    await running.stop();
  }
}
