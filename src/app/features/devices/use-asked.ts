import { useCallback, useEffect, useState } from 'react';
import { Cell } from '../../link/cell.ts';
import { useValue } from '../../use-client.tsx';

/**
 * Asks for something that takes time, when it is first shown and whenever `again` is called; the last answer to the last
 * question counts. `ask` must not reject, and must keep its identity while the question stays the same.
 */
export function useAsked<T>(ask: () => Promise<T>): { readonly answer: T | undefined; readonly again: () => void } {
  const [asking] = useState(() => new Asking<T>());
  const again = useCallback(() => asking.ask(ask), [asking, ask]);
  useEffect(again, [again]);
  return { answer: useValue(asking.answer), again };
}

class Asking<T> {
  readonly answer = new Cell<T | undefined>(undefined);
  #turn = 0;

  ask(question: () => Promise<T>): void {
    this.#turn += 1;
    const turn = this.#turn;
    void question().then((answer) => {
      if (turn === this.#turn) this.answer.set(answer);
    });
  }
}
