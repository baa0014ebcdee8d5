/** Logs as several devices write them while they are apart, with everything that can go wrong, from one seed. */
import { DELETED, KIND, NAME, OWNER, SAMPLE, TYPE } from '../core/attribute.ts';
import type { AttributeName, Event } from '../core/event.ts';
import { mintId, nextId, type ClientId, type EntityId, type EventId, type Id } from '../core/ids.ts';
import { attributeKey, reduceAttribute } from '../core/reduce.ts';
import { bytesToNodeId, makeTimestamp, millisOf } from '../core/timestamp.ts';
import { makeTransaction } from '../core/transaction.ts';
import type { JsonValue } from '../core/value.ts';
import type { SeededRandom } from './seeded-random.ts';

const START = Date.UTC(2026, 10, 1);

interface Device {
  readonly clientId: ClientId;
  clock: { readonly node: ReturnType<typeof bytesToNodeId>; readonly last: ReturnType<typeof makeTimestamp> };
  /** What this device has seen, by attribute. */
  readonly seen: Map<string, Event[]>;
}

/**
 * Events of a few devices that edit the same few entities and hear of each other now and then. Among them: versions that
 * conflict and are settled, ids of fields as attributes, links, entities that come, go and come back, and now and then two
 * different events of one key, as a copied database makes them.
 */
export function randomLog(random: SeededRandom, transactions: number): Event[] {
  const mint = <T extends Id<string> = EntityId>(): T => mintId<T>(START, random.bytes);
  const types = [mint(), mint()];
  const fields = [mint(), mint(), mint()];
  const records = Array.from({ length: 6 }, () => mint());
  const devices = Array.from({ length: 3 }, (): Device => {
    const node = bytesToNodeId(random.bytes(8));
    return { clientId: mint<ClientId>(), clock: { node, last: makeTimestamp(0, 0, node) }, seen: new Map() };
  });
  const log: Event[] = [];
  const learn = (device: Device, event: Event): void => {
    const key = attributeKey(event.entityId, event.attribute);
    device.seen.set(key, [...(device.seen.get(key) ?? []), event]);
  };
  const anyChange = (): { entityId: EntityId; attribute: AttributeName; value: JsonValue } => {
    switch (random.below(8)) {
      case 0:
        return {
          entityId: random.pick(records),
          attribute: TYPE,
          value: random.chance(0.8) ? random.pick(types) : null,
        };
      case 1:
        return { entityId: random.pick(records), attribute: DELETED, value: random.chance(0.5) ? true : null };
      case 2:
        return random.chance(0.5)
          ? { entityId: random.pick(types), attribute: TYPE, value: random.chance(0.9) ? 'type' : null }
          : { entityId: random.pick(types), attribute: NAME, value: `Type ${random.below(3)}` };
      case 3: {
        const entityId = random.pick(fields);
        return random.pick([
          { entityId, attribute: TYPE, value: random.chance(0.9) ? 'field' : null },
          { entityId, attribute: OWNER, value: random.pick(types) },
          { entityId, attribute: KIND, value: random.pick(['text', 'number', 'select', 'link']) },
          { entityId, attribute: DELETED, value: random.chance(0.2) ? true : null },
        ]);
      }
      case 4:
        return { entityId: random.pick(records), attribute: SAMPLE, value: random.chance(0.5) ? true : null };
      default: {
        const field = random.pick(fields);
        return {
          entityId: random.pick(records),
          attribute: field as string as AttributeName,
          value:
            field === fields[2] && random.chance(0.7)
              ? random.pick(records)
              : random.pick([null, 'Café', 'plain', random.below(100), `Ünï ${random.below(5)}`, true, ['a']]),
        };
      }
    }
  };
  // The first makes most of it a sensible book; delivered in any order, it arrives at any time.
  const sensible = [
    ...types.map((entityId) => ({ entityId, attribute: TYPE, value: 'type' })),
    ...fields.flatMap((entityId) => [
      { entityId, attribute: TYPE, value: 'field' },
      { entityId, attribute: OWNER, value: types[0] ?? null },
      { entityId, attribute: KIND, value: entityId === fields[2] ? 'link' : 'text' },
    ]),
    ...records.map((entityId) => ({ entityId, attribute: TYPE, value: types[0] ?? null })),
  ];
  for (let i = 0; i < transactions; i++) {
    const device = random.pick(devices);
    const made = makeTransaction(i === 0 ? sensible : Array.from({ length: 1 + random.below(4) }, anyChange), {
      clientId: device.clientId,
      clock: device.clock,
      // Clocks jump about; several transactions share a millisecond.
      wallMillis: START + random.below(50) * 10,
      random: random.bytes,
      leavesOf: (entityId, attribute) => {
        const seen = device.seen.get(attributeKey(entityId, attribute));
        return seen === undefined || random.chance(0.1)
          ? []
          : reduceAttribute(seen).leaves.map((leaf) => leaf.timestamp);
      },
    });
    device.clock = made.clock;
    for (const event of made.events) {
      log.push(event);
      learn(device, event);
      if (random.chance(0.02)) {
        const twin = {
          ...event,
          id: nextId<EventId>(mintId(millisOf(event.timestamp), random.bytes)),
          value: random.pick(log.filter((other) => other.attribute === event.attribute)).value,
        };
        log.push(twin);
        if (random.chance(0.5)) learn(device, twin);
      }
    }
    if (random.chance(0.3)) {
      const other = random.pick(devices);
      for (const event of log) if (random.chance(0.5)) learn(other, event);
    }
  }
  return log;
}
