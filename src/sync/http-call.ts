/** One HTTP call with time limits and bounded memory. Knows no DOM: the platform is passed in. */
import type { After, Clock, Signal } from './ports.ts';

/** What a worker, or Node, brings: `fetch`, `new AbortController()`, timers, clocks. S is its AbortSignal. */
export interface Platform<S> {
  readonly fetch: (url: string, init: FetchInit<S>) => Promise<FetchAnswer>;
  readonly newAbort: () => { readonly signal: S; abort(): void };
  readonly after: After;
  readonly clock: Clock;
}

export interface FetchInit<S> {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal: S;
  readonly cache: 'no-store';
  readonly credentials: 'omit';
  readonly redirect: 'error';
}

export interface FetchAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: {
    getReader(): {
      read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
      cancel(): Promise<unknown>;
    };
  } | null;
}

export interface Request {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

export interface Limits {
  /** For the answer to begin, which includes sending the body. */
  readonly answerMillis: number;
  /** Between two pieces of its body. */
  readonly silenceMillis: number;
  readonly bodyBytes: number;
}

/** Thrown inside, and caught by every verb of the transport: no answer, or not one to work with. The message is for people. */
export class NoAnswer extends Error {}

/** An answer whose body is read piece by piece, each within the limits. Whoever gets one calls `end`. */
export class Answer {
  readonly status: number;
  readonly #headers: FetchAnswer['headers'];
  readonly #pieces: AsyncGenerator<Uint8Array, void>;
  readonly end: () => void;

  constructor(
    status: number,
    headers: FetchAnswer['headers'],
    pieces: AsyncGenerator<Uint8Array, void>,
    end: () => void,
  ) {
    this.status = status;
    this.#headers = headers;
    this.#pieces = pieces;
    this.end = end;
  }

  header(name: string): string | null {
    return this.#headers.get(name);
  }

  /** Lower case, without parameters. */
  get mediaType(): string {
    return (this.header('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
  }

  /** Throws NoAnswer when the body breaks off, falls silent or grows too long. */
  pieces(): AsyncGenerator<Uint8Array, void> {
    return this.#pieces;
  }

  async bytes(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of this.#pieces) {
      pieces.push(piece);
      length += piece.length;
    }
    const whole = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }
}

/** Makes one call. Throws NoAnswer when none comes in time, the network fails or `signal` is aborted. */
export async function call<S>(
  platform: Platform<S>,
  request: Request,
  limits: Limits,
  signal: Signal,
): Promise<Answer> {
  const abort = platform.newAbort();
  let why = 'The server cannot be reached.';
  const stop = (reason: string): void => {
    why = reason;
    abort.abort();
  };
  const cancelled = (): void => stop('It was called off.');
  signal.addEventListener('abort', cancelled);
  if (signal.aborted) cancelled();
  let callOff = platform.after(limits.answerMillis, () => stop('The server did not answer in time.'));
  const end = (): void => {
    callOff();
    signal.removeEventListener('abort', cancelled);
    abort.abort();
  };

  async function* pieces(answer: FetchAnswer): AsyncGenerator<Uint8Array, void> {
    const reader = answer.body?.getReader();
    if (!reader) return;
    let length = 0;
    try {
      for (;;) {
        callOff();
        callOff = platform.after(limits.silenceMillis, () => stop('The server fell silent.'));
        const { done, value } = await reader.read();
        callOff();
        if (done) return;
        if (value === undefined) continue;
        length += value.length;
        if (length > limits.bodyBytes) throw new NoAnswer('The server sent more than fits.');
        yield value;
      }
    } catch (error) {
      throw error instanceof NoAnswer ? error : new NoAnswer(why, { cause: error });
    } finally {
      callOff();
    }
  }

  try {
    const answer = await platform.fetch(request.url, {
      ...request,
      signal: abort.signal,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    });
    callOff();
    return new Answer(answer.status, answer.headers, pieces(answer), end);
  } catch (error) {
    end();
    throw new NoAnswer(why, { cause: error });
  }
}
