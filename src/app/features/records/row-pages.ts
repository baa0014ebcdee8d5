/** A type's records as far as they are in sight: pages around the viewport, live, and no others. */
import type { EntityId } from '../../../core/ids.ts';
import type { Moment, RecordsAnswer } from '../../../core/query.ts';
import type { LiveQuery, Subscribable } from '../../client.ts';
import type { View } from './view.ts';

/** Records asked for at a time. */
const PAGE = 100;
/** Rows loaded beyond what is in sight, on both sides. */
const MARGIN = 20;
/** A jump further than this many pages waits a moment, so that dragging the scrollbar asks only where it stops. */
const JUMP_PAGES = 2;
const JUMP_MILLIS = 60;

type RecordsQuery = {
  readonly kind: 'records';
  readonly type: EntityId;
  readonly search?: string;
  readonly sort?: NonNullable<View['sort']>;
  readonly filters?: View['filters'];
  readonly offset: number;
  readonly limit: number;
  readonly asOf?: Moment;
};

/** A page of a view of a type's records, now or as of a moment. */
export function recordsQuery(
  type: EntityId,
  view: View,
  moment: Moment | null,
  offset: number,
  limit: number,
): RecordsQuery {
  return {
    kind: 'records',
    type,
    ...(view.search.trim() !== '' && { search: view.search }),
    ...(view.sort && { sort: view.sort }),
    ...(view.filters.length > 0 && { filters: view.filters }),
    offset,
    limit,
    ...(moment && { asOf: moment }),
  };
}

export interface LoadedPages {
  /** How many records match; undefined until known. */
  readonly total: number | undefined;
  readonly answers: readonly RecordsAnswer[];
  /** What was asked for: that of before until the first answer of the next is there. */
  readonly view: View;
}

type Live = LiveQuery<RecordsQuery>;

export class RowPages implements Subscribable<LoadedPages> {
  readonly #watch: (query: RecordsQuery) => Live;
  readonly #type: EntityId;
  readonly #listeners = new Set<() => void>();
  readonly #moment: Moment | null;
  #view: View;
  #pages: readonly [first: number, last: number] = [0, 0];
  #lives: readonly Live[] = [];
  #stops: readonly (() => void)[] = [];
  #loaded: LoadedPages;
  #jump: ReturnType<typeof setTimeout> | undefined;

  constructor(watch: (query: RecordsQuery) => Live, type: EntityId, view: View, moment: Moment | null = null) {
    this.#watch = watch;
    this.#type = type;
    this.#view = view;
    this.#moment = moment;
    this.#loaded = { total: undefined, answers: [], view };
    this.#lives = this.#livesOf(this.#pages);
    this.#read();
  }

  readonly getSnapshot = (): LoadedPages => this.#loaded;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#ask();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#jump);
      this.#stop();
    };
  };

  /** Shows another search, sort or filter. What was loaded stays in sight until the first answer of the new view. */
  setView(view: View): void {
    if (view === this.#view) return;
    this.#view = view;
    this.#ask();
  }

  /** Says which rows are in sight. */
  show(first: number, last: number): void {
    const page = (row: number) => Math.floor(Math.max(0, row) / PAGE);
    const next = [page(first - MARGIN), page(last + MARGIN)] as const;
    clearTimeout(this.#jump);
    const [now] = this.#pages;
    if (next[0] === now && next[1] === this.#pages[1]) return;
    const go = () => {
      this.#pages = next;
      this.#ask();
    };
    if (Math.abs(next[0] - now) <= JUMP_PAGES) go();
    else this.#jump = setTimeout(go, JUMP_MILLIS);
  }

  #livesOf([first, last]: readonly [number, number]): readonly Live[] {
    return Array.from({ length: last - first + 1 }, (_, i) =>
      this.#watch(recordsQuery(this.#type, this.#view, this.#moment, (first + i) * PAGE, PAGE)),
    );
  }

  /** Listens to the pages that are wanted now; the new ones before the old ones are let go, so that shared ones live on. */
  #ask(): void {
    const stops = this.#stops;
    this.#lives = this.#livesOf(this.#pages);
    this.#stops = this.#listeners.size === 0 ? [] : this.#lives.map((live) => live.subscribe(() => this.#read()));
    for (const stop of stops) stop();
    this.#read();
  }

  #stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  #read(): void {
    const answers = this.#lives.map((live) => live.getSnapshot()).filter((answer) => answer !== undefined);
    // Nothing of what is wanted is there yet: what was there stays.
    const [known] = answers;
    if (known === undefined) return;
    const before = this.#loaded;
    const same = answers.length === before.answers.length && answers.every((answer, i) => answer === before.answers[i]);
    if (same && before.view === this.#view) return;
    this.#loaded = { total: known.total, answers, view: this.#view };
    for (const listener of this.#listeners) listener();
  }
}
