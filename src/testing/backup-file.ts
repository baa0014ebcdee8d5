/** Backups as files, looked at as the app looks at them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { err, type Result } from '../core/result.ts';
import type { BackupPreview, FileError } from '../core/transfer.ts';
import { examineBackup, examineHeader, fileErrorOf, HEADER_BYTES } from '../store/examine.ts';
import type { Backup, Store } from '../store/store.ts';
import { NodeSqlite } from './node-sqlite.ts';
import { must } from './test-book.ts';

const folders: string[] = [];
let made = 0;

/** Writes bytes to a file of their own; returns its path. */
export function fileOf(bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-backup-'));
  folders.push(folder);
  made += 1;
  const path = join(folder, `${made}.sqlite3`);
  writeFileSync(path, bytes);
  return path;
}

export function removeFiles(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}

/** Examines a file; it is closed again. */
export function examine(path: string): Result<null, FileError> {
  const header = examineHeader(readFileSync(path).subarray(0, HEADER_BYTES));
  if (!header.ok) return header;
  let file: NodeSqlite;
  try {
    file = new NodeSqlite(path);
  } catch (error) {
    return err(fileErrorOf(error));
  }
  const scratch = new NodeSqlite();
  try {
    file.exec('PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON');
    return examineBackup(file, scratch);
  } finally {
    file.close();
    scratch.close();
  }
}

/** Takes every step; returns what came of it. */
export function finish<T>(steps: Generator<number, T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** Examines a file and looks through it beside a book. */
export function lookAt(store: Store, path: string): { readonly backup: Backup; readonly preview: BackupPreview } {
  must(examine(path));
  const backup = store.files.open(path);
  return { backup, preview: must(finish(backup.compare())) };
}

/** All of the log as lines. */
export function linesOf(store: Store): string {
  let text = '';
  for (let page = store.files.lines(null); ; page = store.files.lines(page.next)) {
    text += page.text;
    if (page.next === null) return text;
  }
}
