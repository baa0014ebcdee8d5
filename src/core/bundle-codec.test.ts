import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyEvents, anyId, anyTimestamp } from '../testing/arbitraries.ts';
import { BookGenerator } from '../testing/book-generator.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { BUNDLE_VERSION, MAX_BUNDLE_EVENTS, MAX_PAYLOAD_BYTES, type Bundle } from './bundle.ts';
import { decodeEvents, encodeEvents, openBundle, sealBundle, splitIntoBundles, type Codec } from './bundle-codec.ts';
import { MAX_ATTRIBUTE_LENGTH, MAX_PREVIOUS, type AttributeName, type Event } from './event.ts';
import { mintIds, type BookId, type BundleId, type ClientId, type EventId, type UserId } from './ids.ts';
import { makeTimestamp, type NodeId } from './timestamp.ts';
import { checkEvent } from './validate.ts';
import { MAX_VALUE_BYTES, toJsonText, utf8Length, type JsonText } from './value.ts';

const book = new BookGenerator(11);
const schema = book.schema().events;
const imported = book.importRecords(200).events;
const edits = Array.from({ length: 300 }, () => book.edit(1 + book.random.below(3)).events);
const conflicts = Array.from({ length: 20 }, () => book.conflict()).flatMap((pair) =>
  pair.flatMap((made) => made.events),
);
const settled = Array.from({ length: 50 }, () => book.edit(8).events).flat();

const envelopeOf = (events: readonly Event[]): Omit<Bundle, 'version' | 'payload'> => ({
  id: book.mint<BundleId>(),
  bookId: book.mint<BookId>(),
  userId: book.mint<UserId>(),
  clientId: events[0]?.clientId ?? book.mint<ClientId>(),
  timestamp:
    events
      .map((event) => event.timestamp)
      .toSorted()
      .at(-1) ?? makeTimestamp(0, 0, '0'.repeat(16) as NodeId),
});

const codecs: readonly Codec[] = ['json', 'columnar'];

describe('bundle codec', () => {
  test.each(codecs)('[BUNDLE-1] %s: what people make comes out as it went in', (codec) => {
    const lists = [
      schema,
      imported.slice(0, 1_000),
      edits.flat(),
      edits[0]!,
      conflicts,
      settled,
      imported.toReversed().slice(0, 300),
      [imported[7]!],
    ];
    for (const events of lists) {
      const bundle = sealBundle(envelopeOf(events), events, codec);
      expect(bundle.payload[0] === 0).toBe(codec === 'json');
      expect(openBundle(bundle)).toEqual({ ok: true, value: events });
    }
    expect(settled.some((event) => event.previous.length > 1)).toBe(true);
  });

  test.each(codecs)('[BUNDLE-1] %s: any events come out as they went in, under any envelope', (codec) => {
    let columns = 0;
    fc.assert(
      fc.property(anyEvents, anyId<ClientId>(), anyTimestamp, (events, clientId, timestamp) => {
        const envelope = { clientId, timestamp };
        const payload = encodeEvents(events, envelope, codec);
        if (payload[0] !== 0) columns++;
        expect(decodeEvents(payload, envelope)).toEqual({ ok: true, value: events });
      }),
      { numRuns: 300 },
    );
    expect(columns > 20).toBe(codec === 'columnar');
  });

  test('[BUNDLE-1] text of every kind survives: marks at the start, escapes, pieces of JSON, all of Unicode', () => {
    const texts = [
      '\ufeff',
      '\ufeff\ufeffa',
      '\ufffd',
      '',
      '\0',
      '\u2028',
      '"',
      '\\',
      '😀',
      'é',
      '\ud800',
      'null',
      '[',
      '\u007f',
      'a\nb\tc',
    ];
    for (const first of texts) {
      const events = [first, ...texts].map((text, i): Event => ({
        ...imported[i]!,
        value: toJsonText(i % 2 ? text : [text]),
      }));
      const envelope = envelopeOf(events);
      const payload = encodeEvents(events, envelope);
      expect(payload[0]).not.toBe(0);
      expect(decodeEvents(payload, envelope)).toEqual({ ok: true, value: events });
    }
  });

  test('[BUNDLE-1] ids that count up to the very end, and start again, survive', () => {
    const ids = ['ffffffffffff', '000000000000', '000000000001', 'fffffffffffe', 'ffffffffffff'].map(
      (tail) => `0193abcd-1234-7000-8000-${tail}` as EventId,
    );
    const events = ids.map((id, i): Event => ({ ...imported[i]!, id }));
    expect(openBundle(sealBundle(envelopeOf(events), events))).toEqual({ ok: true, value: events });
  });

  test('[BUNDLE-1] a repair bundle carries the events of others under their own names', () => {
    const events = edits.flat();
    expect(new Set(events.map((event) => event.clientId)).size).toBe(2);
    const bundle = sealBundle({ ...envelopeOf(events), clientId: book.mint<ClientId>() }, events);
    expect(openBundle(bundle)).toEqual({ ok: true, value: events });
  });

  test('[BUNDLE-6] the same events under the same envelope give the same bytes', () => {
    const envelope = envelopeOf(imported);
    const copy = structuredClone(imported.slice(0, 1_000));
    expect(sealBundle(envelope, copy).payload).toEqual(sealBundle(envelope, imported.slice(0, 1_000)).payload);
  });

  test('[BUNDLE-5] a later version and an unknown codec are told apart from damage', () => {
    const bundle = sealBundle(envelopeOf(schema), schema);
    expect(openBundle({ ...bundle, version: BUNDLE_VERSION + 1 })).toMatchObject({
      ok: false,
      error: { kind: 'newer' },
    });
    const other = bundle.payload.slice();
    other[0] = 4;
    expect(openBundle({ ...bundle, payload: other })).toMatchObject({
      ok: false,
      error: { kind: 'unknownCodec', message: 'codec 4 is not known to this version' },
    });
    const stated = bundle.payload.slice();
    stated[stated.length - 5]! ^= 1;
    expect(openBundle({ ...bundle, payload: stated })).toMatchObject({
      ok: false,
      error: { kind: 'damaged', message: 'does not match its checksum' },
    });
    expect(openBundle({ ...bundle, payload: new Uint8Array(0) })).toMatchObject({
      ok: false,
      error: { kind: 'damaged', where: 'payload' },
    });
  });

  test('[BUNDLE-3] more events or bytes than are allowed are refused, by each codec', () => {
    const events = imported.slice(0, 100);
    const limits = { payloadBytes: 1_000_000, inflatedBytes: 1_000_000, events: 100 };
    for (const codec of codecs) {
      const bundle = sealBundle(envelopeOf(events), events, codec);
      expect(openBundle(bundle, limits).ok).toBe(true);
      expect(openBundle(bundle, { ...limits, events: 99 })).toMatchObject({ ok: false, error: { kind: 'tooLarge' } });
      expect(openBundle(bundle, { ...limits, payloadBytes: 500 })).toMatchObject({
        ok: false,
        error: { kind: 'tooLarge', where: 'payload' },
      });
    }
    const zipped = sealBundle(envelopeOf(events), events);
    expect(zipped.payload[0]).toBe(1);
    expect(openBundle(zipped, { ...limits, inflatedBytes: 1_000 })).toMatchObject({
      ok: false,
      error: { kind: 'tooLarge', where: 'gzip' },
    });
  });

  test('[BUNDLE-2] JSON that is something else says where it goes wrong', () => {
    const open = (text: string): unknown => decodeEvents(Buffer.from(`\0${text}`), envelopeOf(schema));
    expect(open('{}')).toMatchObject({
      ok: false,
      error: { kind: 'damaged', where: 'payload', message: 'not a list of events' },
    });
    expect(open('[{')).toMatchObject({ ok: false, error: { kind: 'damaged', where: 'payload' } });
    expect(open('[null]')).toMatchObject({
      ok: false,
      error: { kind: 'damaged', where: 'event 0, id', message: 'not text' },
    });
    expect(open(JSON.stringify([schema[0], { ...schema[1], previous: [1] }]))).toMatchObject({
      ok: false,
      error: { where: 'event 1, previous' },
    });
    const damaged = decodeEvents(Uint8Array.of(0, 0x5b, 0x22, 0xc3, 0x28, 0x22, 0x5d), envelopeOf(schema));
    expect(damaged).toMatchObject({ ok: false, error: { kind: 'damaged', where: 'payload', message: 'not UTF-8' } });
  });
});

describe('splitIntoBundles', () => {
  test('[BUNDLE-4] all events are in one group each, in order, and every group fits a bundle', () => {
    const bigText = new SeededRandom(1);
    fc.assert(
      fc.property(
        fc.array(fc.record({ events: fc.integer({ min: 1, max: 400 }), kilobytes: fc.constantFrom(0, 0, 0, 1, 30) }), {
          maxLength: 12,
        }),
        (made) => {
          const transactions = made.map(({ events, kilobytes }, i) => {
            const timestamp = makeTimestamp(i + 1, 0, '89abcdef01234567' as NodeId);
            const ids = mintIds<EventId>(events, i + 1, bigText.bytes);
            const value = toJsonText('x'.repeat(kilobytes * 1_024));
            return ids.map((id, j): Event => ({ ...imported[j]!, id, timestamp, value }));
          });
          const groups = splitIntoBundles(transactions.toReversed().flat());
          expect(groups.flat()).toEqual(transactions.flat());
          for (const group of groups) {
            expect(group.length).toBeGreaterThan(0);
            expect(group.length).toBeLessThanOrEqual(MAX_BUNDLE_EVENTS);
            expect(group.reduce((sum, event) => sum + utf8Length(event.value), 0)).toBeLessThan(MAX_PAYLOAD_BYTES);
          }
          // A transaction is in several groups only if it fits none.
          for (const events of transactions) {
            const spread = groups.filter((group) => group.some((event) => event.timestamp === events[0]!.timestamp));
            const bytes = events.reduce((sum, event) => sum + utf8Length(event.value) + 300, 0);
            expect(spread.length === 1 || bytes > MAX_PAYLOAD_BYTES).toBe(true);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('[BUNDLE-4] small transactions share a bundle; one longer than a bundle is split', () => {
    expect(splitIntoBundles(edits.flat()).map((group) => group.length)).toEqual([edits.flat().length]);
    const long = book.importRecords(300).events;
    expect(splitIntoBundles(long).map((group) => group.length)).toEqual([1_000, 1_000, 700]);
    expect(splitIntoBundles([])).toEqual([]);
  });

  test('[BUNDLE-4] the largest event that the log takes fits a bundle, however badly it compresses', () => {
    const random = new SeededRandom(9);
    const noise = (bytes: number): string =>
      Array.from({ length: Math.floor(bytes / 3) }, () => String.fromCharCode(0x4e00 + random.below(20_000))).join('');
    const largest: Event = {
      ...imported[0]!,
      attribute: noise(MAX_ATTRIBUTE_LENGTH * 3) as AttributeName,
      value: `"${noise(MAX_VALUE_BYTES - 2)}"` as JsonText,
      previous: Array.from({ length: MAX_PREVIOUS }, (_, i) =>
        makeTimestamp(i * 1e6, random.below(0x10000), Buffer.from(random.bytes(8)).toString('hex') as NodeId),
      ),
    };
    expect(checkEvent(largest).ok).toBe(true);
    expect(splitIntoBundles([largest, largest])).toHaveLength(2);
    const bundle = sealBundle(envelopeOf([largest]), [largest]);
    expect(bundle.payload.length).toBeLessThan(MAX_PAYLOAD_BYTES);
    expect(openBundle(bundle)).toEqual({ ok: true, value: [largest] });
  });

  test('[BUNDLE-4] what no bundle holds is a broken invariant', () => {
    expect(() => sealBundle(envelopeOf([]), [])).toThrow(RangeError);
    expect(() => sealBundle(envelopeOf(imported), imported.slice(0, MAX_BUNDLE_EVENTS + 1))).toThrow(RangeError);
  });
});
