/** What the server clears away now and then, in small transactions, so that nobody's append waits for long. */
import type { Context } from './context.ts';
import { pathOf } from './http/book-routes.ts';
import type { BookId } from '../core/ids.ts';

/** A snapshot to which nobody has added for so long is not going to be whole: a device that was closed overnight goes on with it. */
const STALE_MILLIS = 86_400_000;
/** Messages trimmed in one transaction. */
const TRIMMED_AT_A_TIME = 200;

type Parts = Pick<Context, 'streams' | 'snapshots' | 'database' | 'now' | 'stopping'> & {
  readonly config: Pick<Context['config'], 'retainMillis'>;
};

/** Deletes expired streams, snapshots that are offered no more, and messages that are older than is asked for. */
export async function keepHouse({ streams, snapshots, database, now, config, stopping }: Parts): Promise<void> {
  const stopped = (): boolean => stopping.signal.aborted;
  await streams.sweep();
  while (!stopped() && (await snapshots.sweep(now() - STALE_MILLIS)) > 0);
  if (config.retainMillis === null) return;
  for (const { book_id: bookId } of database.prepare('SELECT book_id FROM books').all()) {
    const path = pathOf(bookId as BookId);
    // Whoever has begun with the older one goes on behind its cursor.
    const oldest = (await snapshots.offered(path)).at(-1);
    const upTo = oldest?.cursor ?? (await streams.head(path))?.earliest;
    if (!upTo) continue;
    const trim = { upTo, storedBy: now() - config.retainMillis, limit: TRIMMED_AT_A_TIME };
    while (!stopped() && (await streams.trim(path, trim)) > 0);
  }
}
