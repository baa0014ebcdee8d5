/** [SYNC-7] Looks at every status that a device of a simulation shows, when it shows it and later on. */
import type { BundleId } from '../core/ids.ts';
import { millisOf } from '../core/timestamp.ts';
import type { Status } from '../protocol/status.ts';
import type { SimulatedClient } from './simulated-client.ts';
import type { Course } from './simulated-course.ts';
import type { SimulatedServer } from './simulated-server.ts';
import type { SimulatedTime } from './simulated-time.ts';
import { lieIn, LONGEST_SILENCE_MILLIS, type Facts } from './status-truth.ts';

export class StatusWatch {
  readonly #time: SimulatedTime;
  readonly #server: SimulatedServer;
  readonly #serverMillis: () => number;
  readonly #course: Course;
  readonly #said = new Map<SimulatedClient, string>();
  /** Bundles that were looked for and found on a device: they stay. */
  readonly #found = new Map<SimulatedClient, Set<BundleId>>();

  constructor(time: SimulatedTime, server: SimulatedServer, serverMillis: () => number, course: Course) {
    this.#time = time;
    this.#server = server;
    this.#serverMillis = serverMillis;
    this.#course = course;
  }

  heard(client: SimulatedClient, status: Status): void {
    const said = `${client.name} says ${JSON.stringify(status)}`;
    if (this.#said.get(client) !== said) this.#course.note(said);
    this.#said.set(client, said);
    this.#look(client, status);
  }

  /** What was true when it was said must not have become untrue without a word. */
  lookAgain(clients: readonly SimulatedClient[]): void {
    for (const client of clients) if (client.alive) this.#look(client, client.status);
  }

  #look(client: SimulatedClient, status: Status): void {
    // A driver begins with it, before it is told to sync.
    if (client.linked === (status.kind === 'local')) return;
    const lie = lieIn(status, this.#factsOf(client));
    if (lie !== null) this.#course.problem(`${client.name} ${lie}`);
  }

  #factsOf(client: SimulatedClient): Facts {
    const { page, heardAt } = client;
    const had = page && this.#server.bundlesBefore(page.cursor);
    return {
      unstored: client.unstored(this.#server.everStored).length,
      silentMillis: heardAt === null ? null : this.#time.now() - heardAt,
      upToDate: page && page.upToDate,
      missing: had ? this.#countMissing(client, had) : 0,
      refused: client.db.refused,
      strange: this.#course.strange,
      clockMillis: this.#time.now() - client.clockSetAt > LONGEST_SILENCE_MILLIS ? client.clockMillis : null,
    };
  }

  #countMissing(client: SimulatedClient, had: readonly BundleId[]): number {
    const found = this.#found.get(client) ?? new Set();
    this.#found.set(client, found);
    const missing = had.filter(
      (id) => !found.has(id) && !client.has(id) && !this.#isStoodIn(client, id) && !this.#cameOtherwise(client, id),
    );
    for (const id of missing.length === 0 ? had : []) found.add(id);
    return missing.length;
  }

  /** Whether all that a bundle holds is there, though not that bundle: a device that takes another name seals anew what it had sent. */
  #cameOtherwise(client: SimulatedClient, bundle: BundleId): boolean {
    const events = this.#server.eventsOf(bundle);
    const here = new Set(client.events().map(({ id }) => id));
    return events.length > 0 && events.every(({ id }) => here.has(id));
  }

  /** Whether a snapshot stood in for a bundle: where a book has not all history, its state is as new all the same. */
  #isStoodIn(client: SimulatedClient, bundle: BundleId): boolean {
    if (client.completeSince === null) return false;
    const now = this.#serverMillis();
    return client.shows(this.#server.eventsOf(bundle).filter(({ timestamp }) => millisOf(timestamp) <= now));
  }
}
