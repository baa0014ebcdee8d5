/** A network between clients and a server that loses, delays, repeats, reorders and cuts what it carries. */
import type { FetchAnswer, FetchInit } from '../sync/http-call.ts';
import { gunzip } from '../core/gzip.ts';
import { decodeText } from '../core/utf8.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedAnswer, SimulatedRequest, SimulatedServer } from './simulated-server.ts';
import type { SimulatedTime } from './simulated-time.ts';

/** Chances of each fault, for each request; from 0 to 1. */
export interface Weather {
  readonly loseRequest: number;
  readonly loseReply: number;
  /** The request comes twice, the second one later. */
  readonly repeat: number;
  /** The reply breaks off. */
  readonly cut: number;
  /** A login page answers instead. */
  readonly portal: number;
  /** Nothing comes, and no error either. */
  readonly silence: number;
  /** Greatest delay, one way, in milliseconds. */
  readonly delay: number;
}

export const FINE: Weather = { loseRequest: 0, loseReply: 0, repeat: 0, cut: 0, portal: 0, silence: 0, delay: 30 };

/** [SYNC-5] Both lanes of a client wait a second at least after each failure: more failures in a minute are no backoff. */
const MOST_FAILURES_A_MINUTE = 150;

const PORTAL: SimulatedAnswer = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' };

export class FakeNetwork {
  weather: Weather = FINE;
  readonly #server: SimulatedServer;
  readonly #time: SimulatedTime;
  readonly #random: SeededRandom;

  readonly #onProblem: (problem: string) => void;

  /** @param onProblem called when a client behaves as none may */
  constructor(
    server: SimulatedServer,
    time: SimulatedTime,
    random: SeededRandom,
    onProblem: (problem: string) => void,
  ) {
    this.#server = server;
    this.#time = time;
    this.#random = random;
    this.#onProblem = onProblem;
  }

  /** One device's way into the network. `onAnswer`: something that came from the server itself has arrived. */
  connect(onAnswer: () => void = () => {}): Connection {
    return new Connection(this.#server, this.#time, this.#random, () => this.weather, onAnswer, this.#onProblem);
  }
}

export class Connection {
  readonly #server: SimulatedServer;
  readonly #time: SimulatedTime;
  readonly #random: SeededRandom;
  readonly #weather: () => Weather;
  readonly #onAnswer: () => void;
  readonly #onProblem: (problem: string) => void;
  readonly #breaks = new Set<() => void>();
  /** When the latest requests failed. */
  #failures: number[] = [];
  #online = true;

  constructor(
    server: SimulatedServer,
    time: SimulatedTime,
    random: SeededRandom,
    weather: () => Weather,
    onAnswer: () => void,
    onProblem: (problem: string) => void,
  ) {
    this.#server = server;
    this.#time = time;
    this.#random = random;
    this.#weather = weather;
    this.#onAnswer = onAnswer;
    this.#onProblem = onProblem;
  }

  get online(): boolean {
    return this.#online;
  }

  set online(online: boolean) {
    this.#online = online;
    if (!online) this.breakAll();
  }

  /** Breaks everything that is open: the device changed networks. */
  breakAll(): void {
    for (const snap of [...this.#breaks]) snap();
  }

  readonly fetch = (url: string, init: FetchInit<AbortSignal>): Promise<FetchAnswer> => {
    const weather = this.#weather();
    const request: SimulatedRequest = { method: init.method, url, headers: init.headers, body: bodyOf(init) };
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new TypeError('network'));
      init.signal.addEventListener('abort', fail);
      if (init.signal.aborted) return fail();
      this.#breaks.add(fail);
      const settled = (): void => void this.#breaks.delete(fail);
      const later = (run: () => void): void => void this.#time.after(1 + this.#random.below(weather.delay), run);
      const refuse = (): void => {
        this.#countFailure();
        later(() => (settled(), fail()));
      };

      if (!this.#online || !this.#server.up) return refuse();
      if (this.#random.chance(weather.silence)) return undefined;
      if (this.#random.chance(weather.loseRequest)) return refuse();
      if (this.#random.chance(weather.portal)) {
        return later(() => (settled(), resolve(this.#carry(PORTAL, init.signal, weather, () => {}))));
      }
      if (this.#random.chance(weather.repeat)) {
        // Nobody waits for what the second one brings.
        this.#time.after(this.#random.below(5_000), () => {
          if (this.#server.up) this.#time.hold(this.#server.handle(request), () => {});
        });
      }
      return later(() => {
        if (!this.#server.up) return refuse();
        return this.#time.hold(this.#server.handle(request), (answer) => {
          if (answer.status >= 400) this.#countFailure();
          if (this.#random.chance(weather.loseReply)) return refuse();
          return later(() => {
            settled();
            if (!this.#online || init.signal.aborted) return fail();
            this.#onAnswer();
            return resolve(this.#carry(answer, init.signal, weather, this.#onAnswer));
          });
        });
      });
    });
  };

  #countFailure(): void {
    const now = this.#time.now();
    this.#failures = [...this.#failures.filter((at) => at > now - 60_000), now];
    if (this.#failures.length > MOST_FAILURES_A_MINUTE) this.#onProblem('a client does not leave the server alone');
  }

  /** The answer as it arrives: in pieces, perhaps not all of them. */
  #carry(answer: SimulatedAnswer, signal: AbortSignal, weather: Weather, onArrival: () => void): FetchAnswer {
    const pipe = new Pipe();
    const snap = (): void => pipe.fail();
    this.#breaks.add(snap);
    signal.addEventListener('abort', snap);
    // In order, whatever the delay of each.
    let last = this.#time.now();
    const arrive = (run: () => void): void => {
      last = Math.max(last, this.#time.now() + this.#random.below(weather.delay));
      this.#time.after(last - this.#time.now(), run);
    };
    const send = (content: string | Uint8Array, then: () => void = () => {}): void => {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      const cut = bytes.length > 0 && this.#random.chance(weather.cut) ? this.#random.below(bytes.length) : null;
      arrive(() => {
        if (pipe.open) onArrival();
        pipe.write(cut === null ? bytes : bytes.slice(0, cut));
        if (cut !== null) pipe.fail();
        else then();
      });
    };
    if (answer.live) {
      const stop = answer.live(
        (chunk) => send(chunk),
        () => arrive(() => pipe.fail()),
      );
      pipe.onEnd = stop;
      // As servers do: a sign of life now and then, and an end after a minute, so that connections do not pile up.
      for (const at of [15_000, 30_000, 45_000]) this.#time.after(at, () => send(':\n\n'));
      this.#time.after(60_000, () => pipe.end());
    } else {
      send(answer.body, () => pipe.end());
    }
    return {
      status: answer.status,
      headers: { get: (name) => answer.headers[name.toLowerCase()] ?? null },
      body: { getReader: () => ({ read: () => pipe.read(), cancel: async () => snap() }) },
    };
  }
}

function bodyOf(init: FetchInit<AbortSignal>): string | Uint8Array {
  if (init.body === undefined || typeof init.body === 'string') return init.body ?? '';
  if (init.headers['content-encoding'] !== 'gzip') return init.body;
  return decodeText(gunzip(init.body, 8_000_000), 'body');
}

type Read = { readonly done: boolean; readonly value?: Uint8Array };

/** What was written and not yet read. */
class Pipe {
  readonly #chunks: Uint8Array[] = [];
  #over: 'ended' | 'failed' | null = null;
  #waiting: { resolve: (read: Read) => void; reject: (error: Error) => void } | null = null;
  onEnd: () => void = () => {};

  get open(): boolean {
    return this.#over === null;
  }

  write(chunk: Uint8Array): void {
    if (this.#over) return;
    this.#chunks.push(chunk);
    this.#settle();
  }

  end(): void {
    this.#finish('ended');
  }

  fail(): void {
    this.#finish('failed');
  }

  read(): Promise<Read> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#settle();
    });
  }

  #finish(how: 'ended' | 'failed'): void {
    if (this.#over) return;
    this.#over = how;
    this.onEnd();
    this.#settle();
  }

  #settle(): void {
    if (!this.#waiting) return;
    const { resolve, reject } = this.#waiting;
    const chunk = this.#chunks.shift();
    if (chunk) resolve({ done: false, value: chunk });
    else if (this.#over === 'ended') resolve({ done: true });
    else if (this.#over === 'failed') reject(new TypeError('network'));
    else return;
    this.#waiting = null;
  }
}
