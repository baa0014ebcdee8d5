/** Live queries of this tab: equal ones share one subscription, and every leader is asked anew. */
import type { AnswerOf, Query } from '../../core/query.ts';
import { Cell } from './cell.ts';
import { reuse } from './reuse.ts';

/** A subscription outlives its last listener for so long: a component that mounts again finds it. */
const LINGER_MILLIS = 5_000;
/** Answers kept after that, so that going back shows the last one at once. */
const KEPT_ANSWERS = 60;

/** Where answers come from. */
export interface AnswerSource {
  /** Calls `onAnswer` with JSON text now and at every change. */
  subscribe(query: Query, onAnswer: (text: string) => void): Promise<number>;
  unsubscribe(subscription: number): Promise<void>;
}

/** What all live queries of a tab share. */
interface Shared {
  source: AnswerSource | null;
  /** Those that are listened to, or were a moment ago: a new source must hear of them. */
  readonly open: Set<LiveEntry>;
}

class LiveEntry {
  readonly #query: Query;
  readonly #shared: Shared;
  readonly #answer = new Cell<unknown>(undefined);
  #text: string | null = null;
  #stop: (() => void) | null = null;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(query: Query, shared: Shared) {
    this.#query = query;
    this.#shared = shared;
  }

  readonly getSnapshot = (): unknown => this.#answer.getSnapshot();

  readonly subscribe = (listener: () => void): (() => void) => {
    const remove = this.#answer.subscribe(listener);
    clearTimeout(this.#linger);
    this.#shared.open.add(this);
    if (!this.#stop) this.start();
    return () => {
      remove();
      clearTimeout(this.#linger);
      if (this.#answer.watched) return;
      this.#linger = setTimeout(() => {
        this.stop();
        this.#shared.open.delete(this);
      }, LINGER_MILLIS);
    };
  };

  /** Subscribes at the present source, if there is one. */
  start(): void {
    const { source } = this.#shared;
    if (!source) return;
    let open = true;
    const subscription = source.subscribe(this.#query, (text) => {
      if (open) this.#take(text);
    });
    subscription.catch((error: unknown) => {
      // A source that went away is replaced by the next; any other failure is a fault of the query, for the console.
      if (open && this.#shared.source === source) reportError(error);
    });
    this.#stop = () => {
      open = false;
      if (this.#shared.source === source) subscription.then((id) => source.unsubscribe(id)).catch(() => undefined);
    };
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
  }

  #take(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    this.#answer.set(reuse(this.#answer.getSnapshot(), JSON.parse(text)));
  }
}

export class LiveQueries {
  readonly #shared: Shared = { source: null, open: new Set() };
  readonly #entries = new Map<string, LiveEntry>();

  /** Subscribes everything that is listened to at a new source. */
  connect(source: AnswerSource): void {
    this.disconnect();
    this.#shared.source = source;
    for (const entry of this.#shared.open) entry.start();
  }

  /** The source is gone; the last answers stay. */
  disconnect(): void {
    this.#shared.source = null;
    for (const entry of this.#shared.open) entry.stop();
  }

  /** The one live query for all that equal `query`. No effect until it is subscribed to. */
  watch<const Q extends Query>(
    query: Q,
  ): {
    readonly getSnapshot: () => AnswerOf<Q> | undefined;
    readonly subscribe: (listener: () => void) => () => void;
  } {
    const key = keyOf(query);
    const entry = this.#entries.get(key) ?? new LiveEntry(query, this.#shared);
    // Last in the map is used last; those that are listened to live on without it.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const [oldest, idle] of this.#entries) {
      if (this.#entries.size <= KEPT_ANSWERS) break;
      if (!this.#shared.open.has(idle)) this.#entries.delete(oldest);
    }
    return entry as LiveEntry & { getSnapshot: () => AnswerOf<Q> | undefined };
  }
}

/** The same text for equal queries, in whatever order their parts were written. */
function keyOf(query: Query): string {
  return JSON.stringify(query, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
