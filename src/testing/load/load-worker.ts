import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Answers, Order, ToParent } from './load-process.ts';

/** A load client in a process of its own: one order at a time, each answered or refused. */
export class LoadWorker {
  readonly #child: ChildProcess;
  readonly #arrived: (book: number, at: readonly number[]) => void;
  #settle: { resolve(answer: Answers[keyof Answers]): void; reject(error: Error): void } | null = null;

  /** @param arrived called when every reader of this worker in a book has the next bundle */
  constructor(arrived: (book: number, at: readonly number[]) => void = () => {}) {
    this.#arrived = arrived;
    this.#child = fork(join(import.meta.dirname, 'load-process.ts'));
    this.#child.on('message', (message: ToParent) => this.#take(message));
    this.#child.once('exit', (code, signal) =>
      this.#settle?.reject(new Error(`the load client ended (${code ?? signal})`)),
    );
  }

  /** Carries out one order; the one before must have been answered. */
  do<Kind extends Order['kind']>(order: Extract<Order, { kind: Kind }>): Promise<Answers[Kind]> {
    return new Promise<Answers[Kind]>((resolve, reject) => {
      this.#settle = { resolve: resolve as (answer: Answers[keyof Answers]) => void, reject };
      this.#child.send(order);
    });
  }

  /** Ends the process, and with it its connections. */
  stop(): void {
    this.#settle = null;
    this.#child.kill('SIGKILL');
  }

  #take(message: ToParent): void {
    switch (message.kind) {
      case 'done':
        this.#settle?.resolve(message.answer);
        return;
      case 'failed':
        this.#settle?.reject(new Error(message.message));
        return;
      case 'arrived':
        this.#arrived(message.book, message.at);
    }
  }
}
