/** Lets one waiter wait for something to happen, without missing what happens while it is busy elsewhere. */
export class Bell {
  #rung = false;
  #answer: ((rung: boolean) => void) | null = null;

  /** Ends the wait under way, or the next one. */
  ring(): void {
    this.#rung = true;
    this.#answer?.(true);
  }

  /** Resolves to true once the bell has rung since the last wait, to false after `millis`. */
  async wait(millis: number): Promise<boolean> {
    if (!this.#rung) {
      await new Promise<boolean>((resolve) => {
        const timer = setTimeout(resolve, millis, false);
        this.#answer = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });
      this.#answer = null;
    }
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }
}
