/** Time that passes only when nothing is left to do at this moment: an event loop whose every turn a seed decides. */
import type { After } from '../sync/ports.ts';

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
export const YEAR = 365 * DAY;

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  off: boolean;
}

/** Turns of the real event loop in which a server has told its live readers what was appended. */
const TURNS = 8;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class SimulatedTime {
  #now = 0;
  #order = 0;
  /** A binary heap: earliest first, and of the same moment the one that was scheduled first. */
  readonly #heap: Timer[] = [];
  /** What really takes time, and is waited for while no simulated time passes. */
  readonly #held = new Set<Promise<void>>();

  /** Milliseconds since the simulation began. */
  readonly now = (): number => this.#now;

  readonly after: After = (millis, run) => {
    const timer: Timer = { at: this.#now + Math.max(0, millis), order: this.#order++, run, off: false };
    this.#push(timer);
    return () => {
      timer.off = true;
    };
  };

  sleep(millis: number): Promise<void> {
    return new Promise((resolve) => this.after(millis, resolve));
  }

  /** Goes on with a value at once, or when it is there: until then time stands still. */
  hold<T>(value: T | Promise<T>, then: (value: T) => void): void {
    if (!(value instanceof Promise)) return then(value);
    const held = value.then(then).finally(() => this.#held.delete(held));
    this.#held.add(held);
  }

  /** Lets everything happen up to a moment, each timer after all that the one before brought about. */
  async runUntil(end: number): Promise<void> {
    for (let timer = this.#heap[0]; timer && timer.at <= end; timer = this.#heap[0]) {
      this.#pop();
      if (timer.off) continue;
      this.#now = Math.max(this.#now, timer.at);
      timer.run();
      // Promises that are settled by now have their turns before the next timer.
      await turn();
      while (this.#held.size > 0) {
        await Promise.all(this.#held);
        // What that set going elsewhere: a live reader hears of an append some turns later.
        for (let i = 0; i < TURNS; i++) await turn();
      }
    }
    this.#now = Math.max(this.#now, end);
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent]!, timer)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = at * 2 + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const child = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left;
      if (isBefore(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

const isBefore = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
