import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EntityId } from '../../../core/ids.ts';
import type { RecordRow, RecordsAnswer } from '../../../core/query.ts';
import { type recordsQuery, RowPages } from './row-pages.ts';
import type { View } from './view.ts';

type Query = ReturnType<typeof recordsQuery>;

const type = 't' as EntityId;
const plain: View = { search: '', sort: null, filters: [] };
const searched: View = { ...plain, search: 'x' };

/** Live queries that answer when told to, and know who listens. */
class FakeBook {
  readonly #entries = new Map<string, { answer: RecordsAnswer | undefined; readonly listeners: Set<() => void> }>();
  total = 100_000;

  readonly watch = (query: Query) => {
    const entry = this.#entry(query);
    return {
      getSnapshot: () => entry.answer,
      subscribe: (listener: () => void) => {
        entry.listeners.add(listener);
        return () => entry.listeners.delete(listener);
      },
    };
  };

  /** Answers every query that is listened to. */
  answer(): void {
    for (const [key, entry] of this.#entries) {
      if (entry.listeners.size === 0) continue;
      const { offset, search = '' } = JSON.parse(key) as Query;
      const row = (i: number) => ({ id: `${search}${offset + i}` }) as unknown as RecordRow;
      entry.answer = {
        total: this.total,
        offset,
        rows: Array.from({ length: Math.min(100, this.total - offset) }, (_, i) => row(i)),
      };
      for (const listener of entry.listeners) listener();
    }
  }

  /** Offsets of the pages that somebody listens to. */
  get asked(): readonly number[] {
    return [...this.#entries]
      .filter(([, entry]) => entry.listeners.size > 0)
      .map(([key]) => (JSON.parse(key) as Query).offset)
      .toSorted((a, b) => a - b);
  }

  #entry(query: Query) {
    const key = JSON.stringify(query);
    const entry = this.#entries.get(key) ?? { answer: undefined, listeners: new Set<() => void>() };
    this.#entries.set(key, entry);
    return entry;
  }
}

const ids = (pages: RowPages) =>
  pages.getSnapshot().answers.flatMap((answer) => answer.rows.map((row) => row.id as string));

describe('the pages in sight', () => {
  let book: FakeBook;
  let pages: RowPages;
  let heard: number;
  let leave: () => void;

  beforeEach(() => {
    vi.useFakeTimers();
    book = new FakeBook();
    pages = new RowPages(book.watch, type, plain);
    heard = 0;
    leave = pages.subscribe(() => (heard += 1));
  });
  afterEach(() => {
    leave();
    vi.useRealTimers();
  });

  it('asks for the first page, and says how many there are once it is known', () => {
    expect(book.asked).toEqual([0]);
    expect(pages.getSnapshot().total).toBeUndefined();
    book.answer();
    expect(pages.getSnapshot().total).toBe(100_000);
    expect(heard).toBe(1);
  });

  it('asks only around what is in sight, and lets go of the rest', () => {
    book.answer();
    pages.show(90, 120);
    expect(book.asked).toEqual([0, 100]);
    pages.show(230, 260);
    expect(book.asked).toEqual([200]);
    book.answer();
    expect(ids(pages)[0]).toBe('200');
  });

  it('while one drags through a hundred thousand it asks only where it stops', () => {
    for (let row = 5_000; row <= 90_000; row += 5_000) pages.show(row, row + 30);
    expect(book.asked).toEqual([0]);
    vi.advanceTimersByTime(100);
    expect(book.asked).toEqual([89_900, 90_000]);
  });

  it('goes back to the start in the middle of a jump without leaving it behind', () => {
    pages.show(50_000, 50_030);
    pages.show(0, 30);
    vi.advanceTimersByTime(100);
    expect(book.asked).toEqual([0]);
  });

  it('keeps the last rows in sight until another view has answered', () => {
    book.answer();
    pages.setView(searched);
    expect(ids(pages)[0]).toBe('0');
    expect(pages.getSnapshot().view).toBe(plain);
    book.total = 3;
    book.answer();
    expect(ids(pages)).toEqual(['x0', 'x1', 'x2']);
    expect(pages.getSnapshot().total).toBe(3);
    expect(pages.getSnapshot().view).toBe(searched);
    // Answered already, and kept by somebody else: the rows are the same, what they answer to is not.
    const again: View = { ...searched };
    pages.setView(again);
    expect(pages.getSnapshot().view).toBe(again);
  });

  it('tells nobody when nothing has changed, and asks nothing when nobody listens', () => {
    book.answer();
    pages.show(0, 40);
    expect(heard).toBe(1);
    leave();
    expect(book.asked).toEqual([]);
    pages.setView(searched);
    expect(book.asked).toEqual([]);
    leave = pages.subscribe(() => (heard += 1));
    expect(book.asked).toEqual([0]);
  });
});
