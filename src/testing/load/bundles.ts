/** What is sent in these measurements: bundles as the app seals them, of events as people make them. */
import { randomUUID } from 'node:crypto';
import { toBase64 } from '../../core/base64.ts';
import { MAX_BUNDLE_EVENTS } from '../../core/bundle.ts';
import { sealBundle } from '../../core/bundle-codec.ts';
import type { Event } from '../../core/event.ts';
import { mintId, type BookId, type BundleId, type UserId } from '../../core/ids.ts';
import type { Transaction } from '../../core/transaction.ts';
import { bundleMessages } from '../../worker/bundle-messages.ts';
import { BookGenerator } from '../book-generator.ts';
import { LongHistory } from '../long-history.ts';
import { SeededRandom } from '../seeded-random.ts';
import type { BundleSize, StreamDevice } from './target.ts';

/** Sealed payloads to draw from: the server does not look inside, so a few are as good as many. */
const PAYLOADS = 16;

/** Events of one bundle: an edit of one field; or an import of 111 records, which is 999 events, and an edit. */
export function changesOf(generator: BookGenerator, size: BundleSize): readonly Event[] {
  return size === 1 ? generator.edit(1).events : [...generator.importRecords(111).events, ...generator.edit(1).events];
}

export function bookToChange(seed: number): BookGenerator {
  const generator = new BookGenerator(seed, 2);
  generator.schema();
  generator.importRecords(500);
  return generator;
}

/** Bundles of one size for any device, as messages of a stream. */
export class BundleMaker {
  readonly #payloads: readonly string[];
  #made = 0;

  constructor(size: BundleSize) {
    const generator = bookToChange(size);
    this.#payloads = Array.from({ length: PAYLOADS }, () => {
      const events = changesOf(generator, size);
      return toBase64(sealBundle(envelopeOf(generator, events), events).payload);
    });
  }

  /** The next bundle of a device, in JSON: an id of its own, a payload from the store. */
  next({ bookId, userId, clientId }: StreamDevice): string {
    const payload = this.#payloads[this.#made++ % PAYLOADS]!;
    return JSON.stringify({
      id: randomUUID(),
      version: 1,
      bookId,
      userId,
      clientId,
      timestamp: '0'.repeat(32),
      payload,
    });
  }
}

function envelopeOf(generator: BookGenerator, events: readonly Event[]) {
  const { clientId, timestamp } = events.at(-1)!;
  return {
    id: generator.mint<BundleId>(),
    bookId: generator.mint<BookId>(),
    userId: generator.mint<UserId>(),
    clientId,
    timestamp,
  };
}

/** The transactions of a book of so many events, ten a record. */
export function* historyOf(events: number): Generator<Transaction> {
  yield* new LongHistory(41, { records: Math.floor(events / 10), events }).transactions();
}

/** That book as full bundles of a device that sends all of it, in JSON. */
export function* historyMessages(events: number, device: StreamDevice): Generator<string> {
  const random = new SeededRandom(43).bytes;
  const seal = (some: readonly Event[]): string => {
    const { timestamp } = some.at(-1)!;
    const bundle = sealBundle(
      {
        id: mintId<BundleId>(1_760_000_000_000, random),
        bookId: device.bookId,
        userId: device.userId,
        clientId: device.clientId,
        timestamp,
      },
      some,
    );
    return bundleMessages.write(bundle);
  };
  let waiting: Event[] = [];
  for (const transaction of historyOf(events)) {
    waiting.push(...transaction.events);
    while (waiting.length >= MAX_BUNDLE_EVENTS) {
      yield seal(waiting.slice(0, MAX_BUNDLE_EVENTS));
      waiting = waiting.slice(MAX_BUNDLE_EVENTS);
    }
  }
  if (waiting.length > 0) yield seal(waiting);
}
