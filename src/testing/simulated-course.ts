/** What came to pass in a simulation, and what was found wrong with it. */
import type { EventId } from '../core/ids.ts';
import type { SavedEvent } from './simulated-client.ts';
import type { SimulatedTime } from './simulated-time.ts';

/** More of them say nothing new. */
const MOST_PROBLEMS = 10;

export class Course {
  readonly problems: string[] = [];
  readonly trace: string[] = [];
  /** What somebody was told is saved. */
  readonly saved = new Map<EventId, SavedEvent>();
  /** How many messages or events there are that stay in quarantine, if they come to be read. */
  quarantined = 0;
  /** Whether the stream may hold what a client holds back for a while. */
  strange = false;
  /** Whether there was cause to tell the log again what it had been told. */
  logLost = false;
  /** Whether a database lives on two devices. */
  copied = false;
  readonly #time: SimulatedTime;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  readonly problem = (text: string): void => {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(text);
    this.note(`PROBLEM: ${text}`);
  };

  note(text: string): void {
    this.trace.push(`${String(Math.round(this.#time.now())).padStart(9)}  ${text}`);
  }
}
