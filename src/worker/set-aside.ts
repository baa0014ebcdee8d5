/** Damaged databases that a repair has set aside: they stay until the person deletes them. */
import type { DamagedFileInfo } from '../protocol/worker.ts';
import { booksAmong, logOf } from './book-names.ts';
import type { OpfsPool } from './opfs-pool.ts';

export class SetAside {
  readonly #pool: OpfsPool | null;
  readonly #current: string;

  /** @param current name of the book that is open @param pool null: everything is in memory, and nothing set aside */
  constructor(pool: OpfsPool | null, current: string) {
    this.#pool = pool;
    this.#current = current;
  }

  async list(): Promise<readonly DamagedFileInfo[]> {
    const found: DamagedFileInfo[] = [];
    for (const name of this.#names().toReversed()) {
      const parts = await this.#contents(name);
      if (parts.length === 0) continue;
      found.push({
        name,
        bytes: parts.reduce((sum, { blob }) => sum + blob.size, 0),
        changedAt: Math.max(...parts.map(({ changedAt }) => changedAt)),
      });
    }
    return found;
  }

  /** The database and, if there is something in it, its log. Nothing is read before somebody reads the blobs. */
  async files(name: string): Promise<readonly { readonly name: string; readonly blob: Blob }[]> {
    if (!this.#names().includes(name)) return [];
    return (await this.#contents(name)).map(({ file, blob }) => ({ name: file.slice(1), blob }));
  }

  remove(name: string): void {
    if (!this.#names().includes(name)) return;
    this.#pool?.remove(logOf(name));
    this.#pool?.remove(name);
  }

  #names(): string[] {
    return booksAmong(this.#pool?.names() ?? []).filter((name) => name !== this.#current);
  }

  async #contents(name: string): Promise<{ file: string; blob: Blob; changedAt: number }[]> {
    const parts = [];
    for (const file of [name, logOf(name)]) {
      const contents = await this.#pool?.contents(file);
      if (contents && (file === name || contents.blob.size > 0)) parts.push({ file, ...contents });
    }
    return parts;
  }
}
