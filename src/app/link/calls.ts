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

/** Another tab took over in the middle of something that must not be done twice. */
export class InterruptedError extends Error {
  constructor() {
    super('Another tab took over while this was going on. See whether it worked, and try again if not.');
    this.name = 'InterruptedError';
  }
}

interface Call<R> {
  start(remote: R): void;
  reject(error: Error): void;
  readonly again: boolean;
  sent: boolean;
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
    for (const call of [...this.#waiting]) this.#send(call, remote);
  }

  /** The leader is gone. What it had been asked and must not be done twice is rejected with InterruptedError. */
  disconnect(): void {
    this.#remote = null;
    for (const call of [...this.#waiting]) if (call.sent && !call.again) call.reject(new InterruptedError());
  }

  /**
   * Asks the leader, now or as soon as there is one. Rejects with what the leader throws, or UnansweredError.
   * @param again whether it may be asked twice: of the next leader when this one goes away
   */
  ask<T>(run: (remote: R) => Promise<T>, again: boolean): Promise<T> {
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
        again,
        sent: false,
        unreached: 0,
        age: 0,
      };
      this.#waiting.add(call);
      if (this.#remote !== null) this.#send(call, this.#remote);
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

  #send(call: Call<R>, remote: R): void {
    call.sent = true;
    call.start(remote);
  }
}
