/**
 * Makes the bundles of the present version of the event schema, one in each codec: `node src/testing/make-bundle-fixture.ts`.
 * They are made once, when the version is released, and then kept for good: every later version must read them.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packMessages } from '../core/carrier.ts';
import { NAME, TYPE } from '../core/attribute.ts';
import { decodeEvents, sealBundle } from '../core/bundle-codec.ts';
import { BUNDLE_VERSION } from '../core/bundle.ts';
import type { AttributeName, Event } from '../core/event.ts';
import { mintId, type BookId, type BundleId, type ClientId, type EntityId, type EventId, type Id, type UserId } from '../core/ids.ts'; // prettier-ignore
import { bytesToNodeId, makeTimestamp } from '../core/timestamp.ts';
import { toJsonText, type JsonValue } from '../core/value.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import { SeededRandom } from './seeded-random.ts';

const START = Date.UTC(2026, 10, 23, 9);
const random = new SeededRandom(BUNDLE_VERSION);
const mint = <T extends Id<string>>(): T => mintId<T>(START, random.bytes);

const clients = [mint<ClientId>(), mint<ClientId>()];
const node = bytesToNodeId(random.bytes(8));
const field = mint<EntityId>() as string as AttributeName;
const values: readonly JsonValue[] = [
  'Ünï\n😀', '', null, true, 12.5, -0.001, [mint<EntityId>(), mint<EntityId>()], { name: 'Open', order: 'a0', tint: 3 }, '2026-12-24',
]; // prettier-ignore

/** So many events by two clients, with values of every kind, in chains and forks. */
function events(count: number): Event[] {
  const entity = mint<EntityId>();
  return Array.from({ length: count }, (_, i) => ({
    id: mint<EventId>(),
    clientId: clients[i % 2]!,
    entityId: i % 3 === 0 ? entity : mint<EntityId>(),
    attribute: [NAME, TYPE, field][i % 3]!,
    value: toJsonText(values[i % values.length]!),
    timestamp: makeTimestamp(START + i * 977, i % 3, node),
    previous: i > 4 ? [makeTimestamp(START + (i - 4) * 977, (i - 4) % 3, node)] : [],
  }));
}

const envelope = {
  bookId: mint<BookId>(),
  userId: mint<UserId>(),
  clientId: clients[0]!,
  timestamp: makeTimestamp(START + 100_000, 0, node),
};
const bundles = (
  [
    ['json', 'json', events(9)],
    ['columnar in gzip', 'columnar', events(60)],
    ['columnar', 'columnar', events(1)],
  ] as const
).map(([written, codec, list]) => {
  const bundle = sealBundle({ ...envelope, id: mint<BundleId>() }, list, codec);
  const read = decodeEvents(bundle.payload, bundle);
  if (!read.ok) throw new Error(read.error.message);
  return {
    written,
    codec: bundle.payload[0],
    message: JSON.parse(bundleMessages.write(bundle)) as unknown,
    events: read.value,
  };
});

const texts = ['{"id":"a bundle of a version that nobody here knows","version":99}', 'null', '"Ünï 😀"'];
const [carrier] = packMessages(texts);
if (!carrier) throw new Error('nothing was packed');
const message = bundleMessages.write({
  ...envelope,
  id: mint<BundleId>(),
  version: BUNDLE_VERSION,
  payload: carrier.payload,
});

writeFileSync(
  join(import.meta.dirname, `../core/fixtures/bundles-${BUNDLE_VERSION}.json`),
  `${JSON.stringify([...bundles, { written: 'carrier', codec: carrier.payload[0], message: JSON.parse(message) as unknown, texts }], null, 1)}\n`,
);
