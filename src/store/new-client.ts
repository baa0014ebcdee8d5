/** [HLC-6] A new name for this installation. */
import type { SqlDatabase } from './database.ts';
import { mintClient } from './identity.ts';
import { unsealOutbox, writeProducer } from './outbox.ts';
import type { StoreOptions } from './store.ts';

/**
 * Gives this installation a new client and node id, inside the caller's SQL transaction. What was sealed under the old one
 * and not acknowledged is sealed again; undo is about the old one's own changes, and ends.
 */
export function renewClient(db: SqlDatabase, options: StoreOptions): void {
  unsealOutbox(db);
  writeProducer(db, { epoch: 0, seq: 0 });
  mintClient(db, options.now(), options.random);
  db.run('DELETE FROM undo');
}
