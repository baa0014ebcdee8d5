/** The order of the last few sorted or narrowed tables, as record numbers, until a change may have made another of it. */
import type { Query } from '../../core/query.ts';
import type { Catalog } from '../catalog.ts';
import type { Changes } from '../changes.ts';
import { mayConcern } from '../subscriptions.ts';

type RecordsQuery = Extract<Query, { kind: 'records' }>;

const KEPT = 4;

interface View {
  readonly query: RecordsQuery;
  readonly numbers: Int32Array;
}

export class ViewCache {
  readonly #views = new Map<string, View>();

  has(query: RecordsQuery): boolean {
    return this.#views.has(keyOf(query));
  }

  /** Numbers of the records in a view; `read` gives them as text, separated by commas. */
  get(query: RecordsQuery, read: () => string): Int32Array {
    const key = keyOf(query);
    const kept = this.#views.get(key);
    this.#views.delete(key);
    const view = kept ?? { query, numbers: parseNumbers(read()) };
    this.#views.set(key, view);
    if (this.#views.size > KEPT) this.#views.delete(this.#views.keys().next().value ?? key);
    return view.numbers;
  }

  /** Forgets the views that these changes may concern. */
  drop(changes: Changes, catalog: Catalog): void {
    for (const [key, { query }] of this.#views) if (mayReorder(query, changes, catalog)) this.#views.delete(key);
  }

  clear(): void {
    this.#views.clear();
  }
}

/** Whether the records of a view, or their order, may be others. An edit of a field that it does not look at leaves it alone. */
function mayReorder(query: RecordsQuery, changes: Changes, catalog: Catalog): boolean {
  if (changes.system) return true;
  if (query.search !== undefined) return mayConcern(query, changes, catalog);
  const looked = new Set<string>((query.filters ?? []).map((filter) => filter.field));
  if (query.sort) looked.add(query.sort.field);
  const links = [...looked].some((field) =>
    [...catalog.fields.values()].some((each) => each.id === field && each.kind === 'link'),
  );
  return links
    ? mayConcern(query, changes, catalog)
    : [...changes.attributes].some((attribute) => looked.has(attribute));
}

function keyOf({ type, search, sort, filters }: RecordsQuery): string {
  return JSON.stringify([type, search ?? null, sort ?? null, filters ?? null]);
}

/** Faster than splitting, for a hundred thousand numbers. */
function parseNumbers(text: string): Int32Array {
  if (text === '') return new Int32Array(0);
  let count = 1;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) === 44) count++;
  const numbers = new Int32Array(count);
  let at = 0;
  let number = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 44) {
      numbers[at++] = number;
      number = 0;
    } else number = number * 10 + code - 48;
  }
  numbers[at] = number;
  return numbers;
}
