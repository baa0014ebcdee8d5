/** Time that passes only when nothing is left to do at this moment: an event loop whose every turn a seed decides. */
import type { After } from '../sync/ports.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  off: boolean;
}

export class SimulatedTime {
  #now = 0;
  #order = 0;
  /** A binary heap: earliest first, and of the same moment the one that was scheduled first. */
  readonly #heap: Timer[] = [];

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

  /** Lets everything happen up to a moment, each timer after all that the one before brought about. */
  async runUntil(end: number): Promise<void> {
    for (let timer = this.#heap[0]; timer && timer.at <= end; timer = this.#heap[0]) {
      this.#pop();
      if (timer.off) continue;
      this.#now = Math.max(this.#now, timer.at);
      timer.run();
      // Promises that are settled by now have their turns before the next timer.
      await new Promise((resolve) => setImmediate(resolve));
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
