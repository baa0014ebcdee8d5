/** A piece of the wasm heap into which the parameters of one row are written before they are bound. */
import type { Sqlite3Static } from '@sqlite.org/sqlite-wasm';

const FIRST_BYTES = 64 * 1024;
const encoder = new TextEncoder();

/**
 * Values stay where they are until `reset`, so that SQLite may read them in place (SQLITE_STATIC) instead of copying.
 * When the arena is too small it moves on to a larger block and frees the old one at the next reset.
 */
export class HeapArena {
  readonly #wasm: Sqlite3Static['wasm'];
  #heap: Uint8Array;
  #block: number;
  #capacity = FIRST_BYTES;
  #used = 0;
  #outgrown: number[] = [];

  constructor(wasm: Sqlite3Static['wasm']) {
    this.#wasm = wasm;
    this.#block = wasm.alloc(FIRST_BYTES);
    this.#heap = wasm.heap8u();
  }

  /** Forgets everything written. Call it once before each row. */
  reset(): void {
    this.#used = 0;
    for (const block of this.#outgrown.splice(0)) this.#wasm.dealloc(block);
    this.#refresh();
  }

  /** Copies bytes into the arena; returns their address. */
  putBytes(bytes: Uint8Array): number {
    const at = this.#reserve(bytes.length);
    this.#heap.set(bytes, at);
    return at;
  }

  /** Writes text as UTF-8; returns its address. Its length in bytes is then `lastLength`. */
  putText(text: string): number {
    // Three bytes are the most that UTF-8 needs for one UTF-16 unit.
    const at = this.#reserve(text.length * 3);
    const heap = this.#heap;
    let length = 0;
    for (; length < text.length; length++) {
      const unit = text.charCodeAt(length);
      if (unit > 127) break;
      heap[at + length] = unit;
    }
    // Most text here is ASCII (ids, numbers, JSON); for the rest the encoder goes on where the loop stopped.
    if (length < text.length) {
      length += encoder.encodeInto(text.slice(length), heap.subarray(at + length, at + text.length * 3)).written;
    }
    this.#used -= text.length * 3 - length;
    this.lastLength = length;
    return at;
  }

  lastLength = 0;

  free(): void {
    this.reset();
    this.#wasm.dealloc(this.#block);
    this.#block = 0;
    this.#capacity = 0;
  }

  #reserve(bytes: number): number {
    if (this.#used + bytes > this.#capacity) {
      this.#outgrown.push(this.#block);
      this.#capacity = Math.max(this.#capacity * 2, bytes);
      this.#block = this.#wasm.alloc(this.#capacity);
      this.#used = 0;
      this.#refresh();
    }
    const at = this.#block + this.#used;
    this.#used += bytes;
    return at;
  }

  /** The view over the heap is detached whenever the heap grows. */
  #refresh(): void {
    if (this.#heap.byteLength === 0) this.#heap = this.#wasm.heap8u();
  }
}
