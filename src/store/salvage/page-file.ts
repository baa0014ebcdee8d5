/** The pages of a database file as they stood after the last commit, whatever state the file is in. */
import { committedPages } from './write-ahead-log.ts';

/** A file that is only read. */
export interface FileBytes {
  readonly size: number;
  /** As many bytes as asked for, or as many as are there; what cannot be read comes as zeros. Never throws. */
  read(offset: number, length: number): Uint8Array;
}

export interface DamagedFile {
  readonly main: FileBytes;
  /** The write-ahead log beside it; null when there is none. */
  readonly log: FileBytes | null;
}

/** Ours have pages of this size (DESIGN section 4), also when the header that says so is gone. */
const PAGE_BYTES = 8192;

export class PageFile {
  readonly pageBytes = PAGE_BYTES;
  /** How many pages there are, a torn one at the end not counted. */
  readonly count: number;
  readonly #file: DamagedFile;
  readonly #newer: ReadonlyMap<number, number>;

  constructor(file: DamagedFile) {
    this.#file = file;
    this.#newer = file.log ? committedPages(file.log, PAGE_BYTES) : new Map();
    let count = Math.floor(file.main.size / PAGE_BYTES);
    for (const page of this.#newer.keys()) if (page > count) count = page;
    this.count = count;
  }

  /** The bytes of a page, counted from 1; null when there is no such page. They are overwritten by nobody. */
  page(number: number): Uint8Array | null {
    const inLog = this.#newer.get(number);
    if (inLog !== undefined && this.#file.log) return this.#file.log.read(inLog, PAGE_BYTES);
    if (number < 1 || number * PAGE_BYTES > this.#file.main.size) return null;
    return this.#file.main.read((number - 1) * PAGE_BYTES, PAGE_BYTES);
  }
}
