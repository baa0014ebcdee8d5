/** What no app of ours sends and a stream may hold nevertheless. */
import { NAME } from '../core/attribute.ts';
import { sealBundle } from '../core/bundle-codec.ts';
import type { Event } from '../core/event.ts';
import {
  mintId,
  type BookId,
  type BundleId,
  type ClientId,
  type EntityId,
  type EventId,
  type UserId,
} from '../core/ids.ts';
import { bytesToNodeId, makeTimestamp } from '../core/timestamp.ts';
import { toJsonText } from '../core/value.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import type { SeededRandom } from './seeded-random.ts';

interface Where {
  readonly bookId: BookId;
  readonly userId: UserId;
}

/** JSON text of something that cannot be read, or not yet. */
export function garbage(dice: SeededRandom, { bookId, userId }: Where, millis: number): string {
  const bundle = (version: number, payload: string): string => {
    const id = mintId<BundleId>(millis, dice.bytes);
    return JSON.stringify({ id, version, bookId, userId, clientId: id, timestamp: '0'.repeat(32), payload });
  };
  return dice.pick([
    'null',
    '{"id":1}',
    '[[]]',
    `"${'x'.repeat(500)}"`,
    bundle(1, 'AAAA'),
    // Of an app that is newer than this one.
    bundle(99, 'AAAA'),
  ]);
}

/** [HLC-4] A bundle of a device whose clock is far ahead: one of its events lies in the future, the other does not. */
export function fromTheFuture(
  dice: SeededRandom,
  { bookId, userId }: Where,
  millis: number,
  aheadMillis: number,
): string {
  const clientId = mintId<ClientId>(millis, dice.bytes);
  const node = bytesToNodeId(dice.bytes(8));
  const event = (at: number): Event => ({
    id: mintId<EventId>(millis, dice.bytes),
    clientId,
    entityId: mintId<EntityId>(millis, dice.bytes),
    attribute: NAME,
    value: toJsonText(`At ${at}`),
    timestamp: makeTimestamp(at, 0, node),
    previous: [],
  });
  const events = [event(millis), event(millis + aheadMillis)];
  const { timestamp } = events[1]!;
  return bundleMessages.write(
    sealBundle({ id: mintId<BundleId>(millis, dice.bytes), bookId, userId, clientId, timestamp }, events),
  );
}
