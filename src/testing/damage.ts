/** Damages database files as disks do, and reads them as a repair does. */
import { existsSync, readFileSync } from 'node:fs';
import type { DamagedFile, FileBytes } from '../store/salvage/page-file.ts';
import { NodeSqlite } from './node-sqlite.ts';

export const PAGE_BYTES = 8_192;

/** A database file as bytes in memory, with its write-ahead log where it has one. */
export interface FileImage {
  readonly main: Uint8Array;
  readonly log: Uint8Array | null;
}

export function imageOf(path: string): FileImage {
  const log = existsSync(`${path}-wal`) ? Uint8Array.from(readFileSync(`${path}-wal`)) : null;
  return { main: Uint8Array.from(readFileSync(path)), log: log && log.length > 0 ? log : null };
}

/** The image with something done to it; what it was made of stays as it is. */
export function damaged(image: FileImage, damage: (main: Uint8Array, log: Uint8Array) => void): DamagedFile {
  const main = Uint8Array.from(image.main);
  const log = image.log && Uint8Array.from(image.log);
  damage(main, log ?? new Uint8Array(0));
  return { main: fileBytes(main), log: log && fileBytes(log) };
}

export function fileBytes(bytes: Uint8Array): FileBytes {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** The bytes of a page, counted from 1. */
export function pageOf(main: Uint8Array, number: number): Uint8Array {
  return main.subarray((number - 1) * PAGE_BYTES, number * PAGE_BYTES);
}

/** Ways in which a page can be damaged. */
export const DAMAGES: readonly ((page: Uint8Array) => void)[] = [
  (page) => page.fill(0),
  (page) => page.fill(0xa5),
  (page) => page.fill(0, PAGE_BYTES / 2),
  (page) => page.fill(0xff, 0, 64),
];

/** Every page of a database file with the table or index to which it belongs. */
export function pagesIn(path: string): { readonly page: number; readonly name: string }[] {
  const db = new NodeSqlite(path);
  const pages = db.all<{ page: number; name: string }>('SELECT pageno AS page, name FROM dbstat ORDER BY pageno');
  db.close();
  return pages;
}
