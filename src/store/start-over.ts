/** A book whose cursor lies before what the server keeps. */
import { textOf } from './blob.ts';
import { readConfig, writeConfig } from './config.ts';
import type { SqlDatabase } from './database.ts';
import { repeatRepairs } from './outbox.ts';
import { BEFORE_ALL, readHistory, writeStart } from './start-state.ts';

/**
 * The server keeps nothing that old any more: this book goes on from a snapshot. What it has stays, and so does what it is to
 * send. Inside the caller's SQL transaction.
 */
export function startOver(db: SqlDatabase): void {
  repeatRepairs(db);
  const cursor = readConfig(db, 'cursor');
  if (cursor === null) {
    if (readConfig(db, 'start') === null) writeStart(db, BEFORE_ALL);
    return;
  }
  const history = readHistory(db) ?? { at: textOf(cursor), missing: null };
  writeConfig(db, 'cursor', null);
  // It ends before what the server keeps, as the cursor did.
  writeConfig(db, 'upload', null);
  writeStart(db, { snapshot: null, piece: 0, from: history.at, missing: history.missing });
}
