/** The doctor at work: one look at a time, in small steps between which everything else goes on, until it is told to stop. */
import type { DoctorProgress, DoctorReport } from '../core/health.ts';

/** Steps are taken together for so long, since a breath between two takes as long as a small one. */
const TURN_MILLIS = 15;

export interface ExaminationParts {
  readonly examine: () => Generator<DoctorProgress, DoctorReport>;
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
  readonly breathe: () => Promise<void>;
}

export class Examination {
  readonly #parts: ExaminationParts;
  /** The look that is under way; another one ends it. */
  #current: object | null = null;

  constructor(parts: ExaminationParts) {
    this.#parts = parts;
  }

  /** Null when it was stopped. */
  async run(onProgress: (progress: DoctorProgress) => void): Promise<DoctorReport | null> {
    const { examine, now, breathe } = this.#parts;
    const mine = {};
    this.#current = mine;
    const steps = examine();
    for (;;) {
      const until = now() + TURN_MILLIS;
      let step = steps.next();
      while (step.done !== true && now() < until) step = steps.next();
      if (step.done === true) return step.value;
      onProgress(step.value);
      await breathe();
      if (this.#current !== mine) return null;
    }
  }

  stop(): void {
    this.#current = null;
  }
}
