import type { Result } from '../../core/result.ts';
import type { EntryError } from '../auth/accounts.ts';
import type { Limits } from '../limits.ts';
import { RateLimit } from './rate-limit.ts';

const EVERYBODY = '';

/** The rate limits of requests that show no token, and of guesses at codes. */
export class Rates {
  readonly address: RateLimit;
  readonly #guesses: RateLimit;
  readonly #allGuesses: RateLimit;

  constructor(limits: Limits, now: () => number) {
    this.address = new RateLimit(limits.addressRate, now);
    this.#guesses = new RateLimit(limits.guessRate, now);
    this.#allGuesses = new RateLimit(limits.allGuessesRate, now);
  }

  /**
   * Lets an address try a code. Every try is taken from what it may get wrong and given back when it was right, so that
   * tries at the same moment count as well.
   */
  async guess<T>(address: string, attempt: () => Promise<Result<T, EntryError>>): Promise<Result<T, EntryError>> {
    this.#guesses.take(address);
    this.#allGuesses.take(EVERYBODY);
    const result = await attempt();
    if (result.ok || result.error !== 'wrongCode') {
      this.#guesses.giveBack(address);
      this.#allGuesses.giveBack(EVERYBODY);
    }
    return result;
  }
}
