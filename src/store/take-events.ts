/** Events out of a file enter the log. */
import type { Event } from '../core/event.ts';
import { idToBytes, type BookId } from '../core/ids.ts';
import { readConfig, writeConfig } from './config.ts';
import type { SqlDatabase } from './database.ts';
import { readIdentity } from './identity.ts';
import { Intake, type Ingested } from './ingest.ts';
import { renewClient } from './new-client.ts';
import type { StoreOptions } from './store.ts';

/**
 * Takes events that the log does not hold, in one durable transaction of its own; each has been checked. They come from
 * elsewhere like a server's ([HLC-4] holds for them), but no bundle brought them: this client seals them like its own, so
 * that every device gets them. Events under this client's own name that it does not know show that it is the copy of
 * another database: it gets a new name first ([HLC-6]). A book in which nothing was ever written becomes that of the file.
 */
export function takeFromFile(
  db: SqlDatabase,
  options: StoreOptions,
  events: readonly Event[],
  bookId: BookId,
): Ingested {
  return db.transaction('full', () => {
    const { clientId } = readIdentity(db);
    if (isBlank(db)) writeConfig(db, 'book', idToBytes(bookId));
    if (events.some((event) => event.clientId === clientId)) renewClient(db, options);
    const intake = new Intake(db, options.now());
    intake.takeEvents(events, null, null);
    return intake.finish();
  });
}

/** Nothing was ever written in it, and it is no account's: it may as well be any book. */
export function isBlank(db: SqlDatabase): boolean {
  const used = 'SELECT 1 FROM events UNION ALL SELECT 1 FROM bundles UNION ALL SELECT 1 FROM quarantine LIMIT 1';
  return readConfig(db, 'user') === null && db.get(used) === null;
}
