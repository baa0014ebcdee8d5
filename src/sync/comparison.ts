/**
 * [SYNC-9] Two sides of one log compared by the ids of bundles: what this client has read of it, and what the server lists.
 * Pure, and page by page on the server's side. It keeps one entry for each bundle of either side: an estimated 20 MB for 100,000.
 */
import type { BundleId } from '../core/ids.ts';
import type { LogPlace } from './ports.ts';

/** Stands in for the place of a bundle that the server was seen to have. */
const THERE = Symbol('there');

export class Comparison {
  readonly #bundles = new Map<BundleId, LogPlace['place'] | typeof THERE>();
  /** The offset from which on the server keeps its log; empty for the start. */
  #keptFrom = '';
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
   * @param keptFrom the offset before the first of them, where the server does not keep any more what lay before; null where it does
   */
  take(ids: readonly BundleId[], keptFrom: string | null = null): BundleId[] {
    if (keptFrom !== null) this.#keptFrom = keptFrom;
    const missing: BundleId[] = [];
    for (const id of ids) {
      const place = this.#bundles.get(id);
      if (place === THERE) continue;
      this.#compared += 1;
      this.#bundles.set(id, THERE);
      if (place === undefined) missing.push(id);
      else this.#same += 1;
    }
    return missing;
  }

  /**
   * When the server's list has come to its end: the bundles that it lacks. One that was read from before the place where the
   * server's log begins now may be older than that, and is not missing.
   */
  missingThere(): BundleId[] {
    const missing: BundleId[] = [];
    for (const [id, place] of this.#bundles)
      if (place !== THERE && (place === null || place >= this.#keptFrom)) missing.push(id);
    return missing;
  }
}
