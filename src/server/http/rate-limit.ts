import { tooMany } from './refusal.ts';

export interface Rate {
  /** How many at once, after a pause. */
  readonly burst: number;
  /** How many a second in the long run. */
  readonly perSecond: number;
}

interface Bucket {
  left: number;
  at: number;
}

/** Most callers that are remembered at a time. Those not seen for longest are forgotten first, with a full bucket. */
const MAX_BUCKETS = 10_000;

/** Token buckets by key: an address, a device. */
export class RateLimit {
  readonly #rate: Rate;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param now Unix milliseconds */
  constructor(rate: Rate, now: () => number) {
    this.#rate = rate;
    this.#now = now;
  }

  /** Takes one for `key`; throws a Refusal 429 that says when there will be one again. */
  take(key: string): void {
    const bucket = this.#fill(key);
    if (bucket.left < 1) {
      throw tooMany('Too many requests. Wait a little and try again.', (1 - bucket.left) / this.#rate.perSecond);
    }
    bucket.left -= 1;
  }

  giveBack(key: string): void {
    this.#fill(key).left += 1;
  }

  /** The bucket of `key`, with what has flowed in since. */
  #fill(key: string): Bucket {
    const { burst, perSecond } = this.#rate;
    const now = this.#now();
    const bucket = this.#buckets.get(key) ?? { left: burst, at: now };
    // A clock that stepped back refills nothing.
    bucket.left = Math.min(burst, bucket.left + (Math.max(0, now - bucket.at) / 1_000) * perSecond);
    bucket.at = now;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > MAX_BUCKETS) this.#buckets.delete(this.#buckets.keys().next().value!);
    return bucket;
  }
}
