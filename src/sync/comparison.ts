/**
 * [SYNC-9] Two sides of one log compared by the ids of bundles: what this client has read of it, and what the server lists.
 * Pure, and page by page on the server's side. It keeps one entry for each bundle of either side: some 15 MB for 100,000.
 */
import type { BundleId } from '../core/ids.ts';
import type { LogPlace } from './ports.ts';

/** Stands in for the place of a bundle that the server was seen to have. */
const THERE = -2;

export class Comparison {
  readonly #bundles = new Map<BundleId, number>();
  /** Once older ones were passed over: the place of the first after them that both sides have. */
  #from: number | 'all' | 'unknown' = 'all';
  #same = 0;
  #compared = 0;
  readonly held: number;

  /** @param held what was read in the log, up to the offset at which the server's list is to end; each id once */
  constructor(held: Iterable<LogPlace>) {
    for (const { id, place } of held) this.#bundles.set(id, place);
    this.held = this.#bundles.size;
  }

  /** Bundles of the server that were compared. */
  get compared(): number {
    return this.#compared;
  }

  /** Bundles that both sides have. */
  get same(): number {
    return this.#same;
  }

  /**
   * Takes the next ids of the server's log, in its order. Returns those that are missing here, each once, ever.
   * @param trimmed whether older ones lay just before them that the server does not keep any more
   */
  take(ids: readonly BundleId[], trimmed = false): BundleId[] {
    if (trimmed) this.#from = 'unknown';
    const missing: BundleId[] = [];
    for (const id of ids) {
      const place = this.#bundles.get(id);
      if (place === THERE) continue;
      this.#compared += 1;
      this.#bundles.set(id, THERE);
      if (place === undefined) {
        missing.push(id);
        continue;
      }
      this.#same += 1;
      if (this.#from === 'unknown' && place >= 0) this.#from = place;
    }
    return missing;
  }

  /**
   * When the server's list has come to its end: the bundles that it lacks. Where it keeps its log from some bundle on, what was
   * read before the first one that both sides have is not missing but older; and where they have none in common, nothing
   * can be said.
   */
  missingThere(): BundleId[] {
    const from = this.#from === 'all' ? -Infinity : this.#from === 'unknown' ? Infinity : this.#from;
    const missing: BundleId[] = [];
    for (const [id, place] of this.#bundles) if (place !== THERE && (place < 0 || place >= from)) missing.push(id);
    return missing;
  }
}
