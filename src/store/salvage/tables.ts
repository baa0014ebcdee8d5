/**
 * Rows of the tables of a damaged book. The tree of a table is followed from its root as far as it goes; where that is not
 * all of it, every page that belongs to no sound tree is looked at, and what looks like a row of the table is taken for one.
 */
import type { SqlValue } from '../database.ts';
import { readTreePage, type Row, type TreePage } from './cells.ts';
import type { PageFile } from './page-file.ts';

/** What the rows of a table (or of an index) look like. */
export interface Shape {
  /** Its name in `sqlite_schema`. */
  readonly name: string;
  /** Whether rows have a rowid; a column that is another name for it is stored as null. */
  readonly rowid: boolean;
  /** Columns that a row has at most. */
  readonly columns: number;
  readonly fits: (values: readonly SqlValue[]) => boolean;
}

/** Deeper than any tree of SQLite can be. */
const MAX_DEPTH = 20;

export class DamagedTables {
  readonly #file: PageFile;
  readonly #roots: ReadonlyMap<string, number>;
  /** One bit a page: it belongs to a sound tree, or to nothing. */
  readonly #taken: Uint8Array;

  constructor(file: PageFile) {
    this.#file = file;
    this.#taken = new Uint8Array((file.count >> 3) + 1);
    this.#roots = this.#readSchema();
    this.#takeFreePages();
    for (const root of this.#roots.values()) {
      const tree = new Walk(file);
      for (const _ of tree.pages(root)) void _;
      if (tree.sound) for (const number of tree.seen) this.#take(number);
    }
  }

  /** Every row that can be read; some perhaps twice. `onBroken` hears when there was something that could not. */
  *rows(shape: Shape, onBroken: () => void = () => undefined): Generator<Row, void> {
    const root = this.#roots.get(shape.name);
    const walk = new Walk(this.#file);
    let broken = root === undefined;
    if (root !== undefined) {
      for (const page of walk.pages(root)) {
        for (const row of page.rows()) {
          if (row && (row.rowid !== null) === shape.rowid && shape.fits(row.values)) yield row;
          else broken = true;
        }
      }
    }
    if (!broken && walk.sound) return;
    onBroken();
    for (let number = 1; number <= this.#file.count; number++) {
      if (this.#isTaken(number) || walk.seen.has(number)) continue;
      for (const row of readTreePage(this.#file, number)?.rows() ?? []) {
        if (row && (row.rowid !== null) === shape.rowid && shape.fits(row.values)) yield row;
      }
    }
  }

  #readSchema(): ReadonlyMap<string, number> {
    const roots = new Map<string, number>();
    for (const page of new Walk(this.#file).pages(1)) {
      for (const row of page.rows()) {
        const [, name, , root] = row?.values ?? [];
        if (typeof name === 'string' && typeof root === 'number' && root > 1) roots.set(name, root);
      }
    }
    return roots;
  }

  /** What was deleted is not to come back: the pages on the list of free ones still hold what they held. */
  #takeFreePages(): void {
    const first = this.#file.page(1);
    if (!first || this.#roots.size === 0) return;
    let trunk = viewOf(first).getUint32(32);
    while (trunk > 1 && !this.#isTaken(trunk)) {
      const page = this.#file.page(trunk);
      if (!page) return;
      const view = viewOf(page);
      const leaves = view.getUint32(4);
      // A trunk that is none: believing it could hide pages that are in use.
      if (leaves > page.length / 4 - 2) return;
      this.#take(trunk);
      for (let leaf = 0; leaf < leaves; leaf++) this.#take(view.getUint32(8 + leaf * 4));
      trunk = view.getUint32(0);
    }
  }

  #take(number: number): void {
    if (number <= this.#file.count) this.#taken[number >> 3]! |= 1 << (number & 7);
  }

  #isTaken(number: number): boolean {
    return ((this.#taken[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }
}

/** One way through a tree. */
class Walk {
  readonly #file: PageFile;
  readonly seen = new Set<number>();
  /** Whether every page so far was there and of the right kind. */
  sound = true;

  constructor(file: PageFile) {
    this.#file = file;
  }

  *pages(number: number, depth = 0, table: boolean | null = null): Generator<TreePage, void> {
    const page = depth < MAX_DEPTH && !this.seen.has(number) ? readTreePage(this.#file, number) : null;
    const ofTable = page?.kind === 'tableLeaf' || page?.kind === 'tableInterior';
    if (!page || (table !== null && table !== ofTable)) {
      this.sound = false;
      return;
    }
    this.seen.add(number);
    yield page;
    for (const child of page.children) yield* this.pages(child, depth + 1, ofTable);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
