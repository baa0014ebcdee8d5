/** Calls that are waiting for an answer: none is lost when the leader changes, and none waits for ever. */

/** With nobody to ask for so long, a call is given up. */
const UNREACHED_LIMIT_TICKS = 30;
/** A leader that lives but is busy (a large import) gets longer. */
const BUSY_LIMIT_TICKS = 300;

/** No tab that holds the data answered in time. */
export class UnansweredError extends Error {
  constructor() {
    super(
      'The tab that keeps your records does not answer. It is not known whether this was saved: look, and try again.',
    );
    this.name = 'UnansweredError';
  }
}

interface Call<R> {
  start(remote: R): void;
  reject(error: Error): void;
  unreached: number;
  age: number;
}

/** R: what calls are made on; the leader's API. */
export class Calls<R> {
  #remote: R | null = null;
  readonly #waiting = new Set<Call<R>>();

  /** How many calls wait. */
  get count(): number {
    return this.#waiting.size;
  }

  /** A leader is reached: what waits is asked of it, what the leader before left unanswered included. */
  connect(remote: R): void {
    this.#remote = remote;
    for (const call of [...this.#waiting]) call.start(remote);
  }

  /** The leader is gone; the next one will be asked again. */
  disconnect(): void {
    this.#remote = null;
  }

  /**
   * Asks the leader, now or as soon as there is one, and the next one again when it goes away: whatever is asked must be
   * harmless twice. Rejects with what the leader throws, or UnansweredError.
   */
  ask<T>(run: (remote: R) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (finish: () => void) => {
        if (this.#waiting.delete(call)) finish();
      };
      const call: Call<R> = {
        start: (remote) => {
          run(remote).then(
            (value) => settle(() => resolve(value)),
            (error: unknown) => {
              // What a line that was cut says is no answer: the next leader is asked.
              if (this.#remote === remote)
                settle(() => reject(error instanceof Error ? error : new Error(String(error))));
            },
          );
        },
        reject: (error) => settle(() => reject(error instanceof Error ? error : new Error(String(error)))),
        unreached: 0,
        age: 0,
      };
      this.#waiting.add(call);
      if (this.#remote !== null) call.start(this.#remote);
    });
  }

  /** Once a second; `reached`: whether a leader is there, if only busy. Gives up what has waited too long. */
  tick(reached: boolean): void {
    for (const call of [...this.#waiting]) {
      call.age++;
      call.unreached = reached ? 0 : call.unreached + 1;
      if (call.unreached >= UNREACHED_LIMIT_TICKS || call.age >= BUSY_LIMIT_TICKS) call.reject(new UnansweredError());
    }
  }
}
