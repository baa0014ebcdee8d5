/** Arbitrary things of the core for fast-check: what occurs in practice and what merely could. */
import * as fc from 'fast-check';
import type { AttributeName, Event } from '../core/event.ts';
import { bytesToId, type ClientId, type EntityId, type EventId, type Id } from '../core/ids.ts';
import { makeTimestamp, MAX_COUNTER, MAX_MILLIS, type NodeId, type Timestamp } from '../core/timestamp.ts';
import { toJsonText, type JsonText, type JsonValue } from '../core/value.ts';

/** Any UUID, of any version. */
export const anyId = <T extends Id<string>>(): fc.Arbitrary<T> =>
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => bytesToId<T>(bytes));

export const anyNode = fc
  .uint8Array({ minLength: 8, maxLength: 8 })
  .map((bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('') as NodeId);

/** Any timestamp that can be written down. */
export const anyTimestamp: fc.Arbitrary<Timestamp> = fc
  .tuple(fc.integer({ min: 0, max: MAX_MILLIS }), fc.integer({ min: 0, max: MAX_COUNTER }), anyNode)
  .map(([millis, counter, node]) => makeTimestamp(millis, counter, node));

/** Any JSON value, of any depth that fast-check thinks of, with any text in it. */
export const anyJson: fc.Arbitrary<JsonValue> = fc.jsonValue({ stringUnit: 'binary' }) as fc.Arbitrary<JsonValue>;

const anyValue: fc.Arbitrary<JsonText> = fc.oneof(
  anyJson.map(toJsonText),
  fc.string({ unit: 'binary' }).map((text) => toJsonText(text)),
  anyId().map((id) => toJsonText(id)),
  fc.array(anyId()).map((ids) => toJsonText(ids)),
  // Text that is no JSON at all must travel as well: to be judged at the other end, not here.
  fc.string({ unit: 'binary' }).map((text) => text as JsonText),
);

const anyAttribute = fc.oneof(anyId(), fc.string({ unit: 'binary', maxLength: 200 })) as fc.Arbitrary<string>;

/** Lists of events in which ids, timestamps, entities and attributes repeat, and ids count up, or not at all. */
export const anyEvents: fc.Arbitrary<Event[]> = fc
  .record({
    ids: fc.array(anyId<EventId>(), { minLength: 1, maxLength: 8 }),
    clients: fc.array(anyId<ClientId>(), { minLength: 1, maxLength: 3 }),
    entities: fc.array(anyId<EntityId>(), { minLength: 1, maxLength: 6 }),
    attributes: fc.array(anyAttribute, { minLength: 1, maxLength: 6 }),
    stamps: fc.array(anyTimestamp, { minLength: 1, maxLength: 6 }),
  })
  .chain(({ ids, clients, entities, attributes, stamps }) =>
    fc.array(
      fc.record({
        id: fc.oneof(fc.constantFrom(...ids), anyId<EventId>()),
        clientId: fc.constantFrom(...clients),
        entityId: fc.constantFrom(...entities),
        attribute: fc.constantFrom(...attributes).map((name) => name as AttributeName),
        value: anyValue,
        timestamp: fc.constantFrom(...stamps),
        previous: fc.oneof(
          fc.constant([]),
          fc.array(fc.oneof(fc.constantFrom(...stamps), anyTimestamp), { maxLength: 4 }),
        ),
      }),
      { maxLength: 40 },
    ),
  );
