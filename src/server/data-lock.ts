import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConfigError } from './config.ts';
import { isBusy } from './database.ts';

/**
 * Keeps a second server off a data folder: live readers learn of appends from the process that makes them. The lock is the
 * operating system's, held through an SQLite transaction that never ends, so it falls with the process however that dies.
 * Throws ConfigError when another server has the folder. Returns what releases it.
 */
export function lockData(dataFolder: string): () => void {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(dataFolder, 'server.lock'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new ConfigError(
      `Another Daybook server is using ${dataFolder}. Stop it first, or set DAYBOOK_DATA to another folder.`,
    );
  }
  return () => lock.close();
}
