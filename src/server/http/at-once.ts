import type { Env } from './env.ts';
import { whenOver } from './over.ts';
import { tooMany } from './refusal.ts';

export interface AtOnce {
  /** Requests under way, live reads among them. */
  readonly all: number;
  /** Those of them that bring a body, which is held in memory. */
  readonly writes: number;
}

interface UnderWay {
  all: number;
  writes: number;
}

/** Counts what each caller has under way, so that nobody fills the memory with answers not taken and bodies half sent. */
export class RequestsAtOnce {
  readonly #most: AtOnce;
  readonly #underWay = new Map<string, UnderWay>();

  constructor(most: AtOnce) {
    this.#most = most;
  }

  /** How many requests of `key` are under way. */
  underWay(key: string): number {
    return this.#underWay.get(key)?.all ?? 0;
  }

  /** Counts a request of `key` until it is over; throws a Refusal 429 when it is one too many. */
  enter(key: string, request: Env['Bindings']): void {
    const count = this.#underWay.get(key) ?? { all: 0, writes: 0 };
    const isWrite = !/^(GET|HEAD|DELETE|OPTIONS)$/.test(request.incoming.method ?? '');
    if (count.all >= this.#most.all || (isWrite && count.writes >= this.#most.writes)) {
      throw tooMany('Too many requests are under way. Wait for one to end.', 1);
    }
    this.#underWay.set(key, count);
    count.all += 1;
    if (isWrite) count.writes += 1;
    whenOver(request.outgoing, () => {
      count.all -= 1;
      if (isWrite) count.writes -= 1;
      if (count.all === 0) this.#underWay.delete(key);
    });
  }
}
