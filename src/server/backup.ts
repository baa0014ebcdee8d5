import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { ConfigError } from './config.ts';

/**
 * Copies the database to `file` as it is at this moment, while the server goes on. In the copy every log has a new
 * identity: a server that starts from it is one that has forgotten what came after, and each client has to notice that at its
 * first read and send what it holds ([SYNC-4]).
 * Throws ConfigError when `file` exists.
 */
export function backUp(database: DatabaseSync, file: string): void {
  if (existsSync(file)) throw new ConfigError(`${file} exists already; a backup overwrites nothing.`);
  try {
    database.prepare('VACUUM INTO ?').run(file);
    chmodSync(file, 0o600);
    const copy = new DatabaseSync(file);
    try {
      const streams = copy.prepare('SELECT stream_id FROM streams').all();
      const rename = copy.prepare('UPDATE streams SET log = ? WHERE stream_id = ?');
      for (const { stream_id } of streams) rename.run(randomBytes(6).toString('hex'), stream_id!);
      const check = copy.prepare('PRAGMA quick_check').get();
      if (check?.['quick_check'] !== 'ok') throw new Error(`the copy is damaged: ${String(check?.['quick_check'])}`);
    } finally {
      copy.close();
    }
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}
