/**
 * Mutates sealed bundles in every way that wire, disk and malice might, and opens them. Seeded: a failure names its seed;
 * `FUZZ_SEED=<seed>` runs it again, `FUZZ_RUNS` sets how many are opened.
 */
import { describe, expect, test } from 'vitest';
import { BookGenerator } from '../testing/book-generator.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { encodeEvents, decodeEvents, type DecodeLimits } from './bundle-codec.ts';
import { encodeColumnar, type Envelope } from './codec-columnar.ts';
import type { Event } from './event.ts';
import { gzip } from './gzip.ts';
import { isUuid, type ClientId } from './ids.ts';
import { isTimestamp } from './timestamp.ts';
import { checkEvent } from './validate.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_123);
const runs = Number(process.env['FUZZ_RUNS'] ?? 100_000);
const limits: DecodeLimits = { payloadBytes: 100_000, inflatedBytes: 20_000, events: 200 };

interface Sample {
  readonly envelope: Envelope;
  readonly payload: Uint8Array;
}

const withByte = (byte: number, rest: Uint8Array): Uint8Array => Uint8Array.from([byte, ...rest]);

/** Bundles of all kinds, each in every codec. */
function samples(): Sample[] {
  const book = new BookGenerator(seed);
  const lists: Event[][] = [
    [...book.schema().events],
    [...book.importRecords(8).events],
    [...book.importRecords(1).events],
    ...Array.from({ length: 6 }, (_, i) => [...book.edit(1 + i).events]),
    Array.from({ length: 10 }, () => book.edit(2).events).flat(),
    Array.from({ length: 3 }, () => book.conflict().flatMap((made) => made.events)).flat(),
    [...book.edit(8).events],
  ];
  const id = book.fields[4]!.options;
  lists.push(
    lists[1]!.slice(0, 6).map((event, i) => ({ ...event, value: JSON.stringify(id.slice(0, i)) as Event['value'] })),
  );
  return lists.flatMap((events, i) => {
    const clientId = i % 3 === 0 ? book.mint<ClientId>() : events[0]!.clientId;
    const envelope = { clientId, timestamp: events.at(-1)!.timestamp };
    const columns = encodeColumnar(events, envelope);
    if (columns === null) throw new Error('these have columns');
    // Plain columns three times as often: there is no checksum before them that stops a mutation early.
    return [
      encodeEvents(events, envelope, 'json'),
      withByte(1, gzip(columns)),
      withByte(2, columns),
      withByte(2, columns),
      withByte(2, columns),
    ].map((payload) => ({ envelope, payload }));
  });
}

const EXTREMES = [0, 1, 0x7f, 0x80, 0xff];

function mutate(payload: Uint8Array, others: readonly Sample[], random: SeededRandom): Uint8Array {
  let bytes = Array.from(payload);
  for (let left = 1 + random.below(3); left > 0; left--) {
    const at = random.below(bytes.length + 1);
    const length = random.below(Math.min(16, bytes.length - at + 1));
    switch (random.below(9)) {
      case 0:
        if (at < bytes.length) bytes[at]! ^= 1 << random.below(8);
        break;
      case 1:
        if (at < bytes.length) bytes[at] = random.pick(EXTREMES);
        break;
      case 2:
        if (at < bytes.length) bytes[at] = (bytes[at]! + (random.chance(0.5) ? 1 : 255)) & 0xff;
        break;
      case 3:
        bytes = bytes.slice(0, at);
        break;
      case 4:
        bytes.splice(at, length);
        break;
      case 5:
        bytes.splice(at, 0, ...random.bytes(length));
        break;
      case 6:
        bytes.splice(at, 0, ...bytes.slice(at, at + length));
        break;
      case 7: {
        const other = random.pick(others).payload;
        const from = random.below(other.length);
        bytes.splice(at, length, ...other.subarray(from, from + random.below(64)));
        break;
      }
      default:
        // A number as large as numbers get.
        bytes.splice(at, 1, ...Array.from({ length: 1 + random.below(8) }, () => 0xff), 0x7f);
    }
  }
  return Uint8Array.from(bytes);
}

/** Characters of distinct texts that were made of the payload. */
function made(events: readonly Event[]): number {
  const texts = new Set<string>();
  for (const event of events) texts.add(event.attribute).add(event.value);
  return [...texts].reduce((sum, text) => sum + text.length, 0);
}

describe('hostile bundles', () => {
  test(
    `[BUNDLE-2] [BUNDLE-3] ${runs} mutated bundles crash nothing and stay within the limits`,
    { timeout: 600_000 },
    () => {
      const random = new SeededRandom(seed);
      const all = samples();
      const outcomes = { read: 0, damaged: 0, tooLarge: 0, unknownCodec: 0, newer: 0, malformed: 0 };
      for (let run = 0; run < runs; run++) {
        const sample = random.pick(all);
        const payload = mutate(sample.payload, all, random);
        const report = (): string => `seed ${seed}, run ${run}: ${Buffer.from(payload).toString('hex')}`;
        let result;
        try {
          result = decodeEvents(payload, sample.envelope, limits);
        } catch (error) {
          throw new Error(`threw at ${report()}`, { cause: error });
        }
        if (!result.ok) {
          outcomes[result.error.kind]++;
          // Its last resort means a check is missing somewhere.
          if (result.error.where === 'decoder' || result.error.message === '')
            throw new Error(`${result.error.message}: ${report()}`);
          continue;
        }
        outcomes.read++;
        const events = result.value;
        if (events.length > limits.events || made(events) > 7 * limits.inflatedBytes)
          throw new Error(`too much came out at ${report()}`);
        for (const event of events) {
          if (
            payload[0] !== 0 &&
            !(isUuid(event.id) && isUuid(event.entityId) && isUuid(event.clientId) && isTimestamp(event.timestamp))
          ) {
            throw new Error(`an id of another form at ${report()}`);
          }
          if (!checkEvent(event).ok) outcomes.malformed++;
        }
      }
      // Were most of them refused at the door, this would show little.
      expect(outcomes.read).toBeGreaterThan(runs / 20);
      expect(outcomes.damaged).toBeGreaterThan(runs / 20);
      expect(outcomes.malformed).toBeGreaterThan(0);
    },
  );

  test('[BUNDLE-2] [BUNDLE-3] noise of every length crashes nothing', () => {
    const random = new SeededRandom(seed + 1);
    const { envelope } = samples()[0]!;
    let most = 0;
    for (let run = 0; run < 20_000; run++) {
      const payload = withByte(random.below(4), random.bytes(random.below(120)));
      const result = decodeEvents(payload, envelope, limits);
      if (!result.ok && result.error.where === 'decoder')
        throw new Error(`seed ${seed + 1}, run ${run}: ${result.error.message}`);
      if (result.ok) most = Math.max(most, result.value.length);
    }
    expect(most).toBeLessThanOrEqual(limits.events);
  });
});
