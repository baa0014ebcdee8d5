/** What a simulation needs of a server, whether it is the fake one or our own. */
import type { BundleId, EventId } from '../core/ids.ts';
import { openBundle } from '../core/bundle-codec.ts';
import type { Event } from '../core/event.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import type { SeededRandom } from './seeded-random.ts';
import { TOMORROW } from './simulated-versions.ts';

/**
 * `fake`: the protocol written a second time; `ours`: the stream handler and the storage of our own server; `snapshots`: ours,
 * with snapshots by clients, and without what it has let go of since.
 */
export type ServerKind = 'fake' | 'ours' | 'snapshots';

export interface SimulatedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface SimulatedAnswer {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** For SSE: called with the reader's sink when the answer has begun; returns what ends the connection. */
  readonly live?: (send: (chunk: string) => void, end: () => void) => () => void;
}

export interface SimulatedServer {
  up: boolean;
  /** Share of requests answered with 429, 500, 503 or 507. */
  trouble: number;
  /** Ids of all events that were ever stored durably. */
  readonly everStored: ReadonlySet<EventId>;
  /** JSON texts of all that the stream holds, or held before it let go of it, in order; null when there is no stream. */
  readonly messages: readonly string[] | null;
  /** Bundles before an offset; null when it is not one of this log. */
  bundlesBefore(offset: string): readonly BundleId[] | null;
  /** What was in a bundle that was stored. */
  eventsOf(bundle: BundleId): readonly Event[];
  handle(request: SimulatedRequest): SimulatedAnswer | Promise<SimulatedAnswer>;
  /** Ends every connection, as a process that dies. What was stored stays. */
  crash(): void;
  /** The stream is gone, and with it what the server knew of producers. */
  deleteLog(): void | Promise<void>;
  /** Back to a copy of itself that held so many messages, or fewer. */
  rewind(messages: number): void;
  /** Something that no app of ours wrote, by whatever means it got there. */
  inject(json: string): void | Promise<void>;
  close(): void;
}

/** Takes note of what is stored, and of what must not be stored twice. */
export class StoredNotes {
  readonly events = new Set<EventId>();
  readonly byBundle = new Map<BundleId, readonly Event[]>();
  readonly #onProblem: (problem: string) => void;

  constructor(onProblem: (problem: string) => void) {
    this.#onProblem = onProblem;
  }

  /**
   * @param before ids of the bundles that the log holds already
   * @returns the id of the bundle, when it is one
   */
  note(json: string, before: ReadonlySet<BundleId>): BundleId | null {
    const bundle = bundleMessages.read(JSON.parse(json));
    if (!bundle.ok) return null;
    if (before.has(bundle.value.id)) this.#onProblem(`bundle ${bundle.value.id} is stored twice`);
    const events = openBundle(bundle.value, undefined, TOMORROW);
    if (events.ok) for (const event of events.value) this.events.add(event.id);
    this.byBundle.set(bundle.value.id, events.ok ? events.value : []);
    return bundle.value.id;
  }
}

/** What a server answers that is in trouble. */
export function troubled(random: SeededRandom): SimulatedAnswer {
  const status = random.pick([429, 500, 503, 507]);
  const headers: Record<string, string> = random.chance(0.5) ? { 'retry-after': String(random.below(20)) } : {};
  return { status, headers, body: '' };
}
