/** Finds the bundles in a live connection with as little work as may be: thousands are read by one process. */

const DATA = 'event: data\n';
const NEXT = '"streamNextOffset":"';

/**
 * Counts the data events of one SSE connection, whatever pieces it comes in, and remembers where to go on after it. Holds
 * no more than one line of what it was given.
 */
export class SseCounter {
  #rest = '';
  #offset: string | null = null;

  /** The offset behind what was counted; null before the first control event. */
  get offset(): string | null {
    return this.#offset;
  }

  /** How many data events are announced in this piece, and in what was left of the one before. */
  take(piece: string): number {
    const text = this.#rest + piece;
    const end = text.lastIndexOf('\n') + 1;
    this.#rest = text.slice(end);
    let found = 0;
    for (let at = lineWith(text, DATA, 0, end); at !== -1; at = lineWith(text, DATA, at + DATA.length, end)) found += 1;
    const next = text.lastIndexOf(NEXT, end);
    if (next !== -1) {
      const from = next + NEXT.length;
      const to = text.indexOf('"', from);
      if (to !== -1 && to < end) this.#offset = text.slice(from, to);
    }
    return found;
  }
}

/** Index of a line that is `line`, between `from` and `end`; -1 when there is none. */
function lineWith(text: string, line: string, from: number, end: number): number {
  for (let at = text.indexOf(line, from); at !== -1 && at < end; at = text.indexOf(line, at + 1))
    if (at === 0 || text[at - 1] === '\n') return at;
  return -1;
}
