import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { anyEvents, anyId, anyTimestamp } from '../testing/arbitraries.ts';
import type { AttributeName } from './event.ts';
import type { BookId, BundleId, ClientId, EntityId } from './ids.ts';
import { openSnapshot, SnapshotWriter, type SnapshotHead, type SnapshotPart } from './snapshot-codec.ts';
import { MAX_MILLIS, type Timestamp } from './timestamp.ts';
import { encodeText } from './utf8.ts';

const anyHead: fc.Arbitrary<SnapshotHead> = fc.record({
  id: anyId<BundleId>(),
  bookId: anyId<BookId>(),
  clientId: anyId<ClientId>(),
  timestamp: anyTimestamp,
  horizon: anyTimestamp,
  cursor: fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.isWellFormed()),
  piece: fc.nat(),
});

const HEAD: SnapshotHead = {
  id: '01919191-9191-7191-9191-919191919191' as BundleId,
  bookId: '01919191-9191-7191-9191-919191919192' as BookId,
  clientId: '01919191-9191-7191-9191-919191919193' as ClientId,
  timestamp: '0'.repeat(32) as Timestamp,
  horizon: '1'.repeat(32) as Timestamp,
  cursor: 'x',
  piece: 0,
};

const anyPart: fc.Arbitrary<SnapshotPart> = fc.oneof(
  anyEvents.filter((events) => events.length > 0).map((events) => ({ kind: 'events', events }) as const),
  fc
    .array(
      fc.record({
        entityId: anyId<EntityId>(),
        attribute: fc
          .oneof(anyId(), fc.string({ unit: 'binary', maxLength: 200 }))
          .filter((name) => name.isWellFormed())
          .map((name) => name as AttributeName),
        stamps: fc.array(anyTimestamp, { maxLength: 5 }),
      }),
      { maxLength: 20 },
    )
    .map((attributes) => ({ kind: 'superseded', attributes }) as const),
  fc
    .array(
      fc.record({
        kind: fc.constantFrom('future', 'newer'),
        content: fc.json(),
        bundleId: fc.option(anyId<BundleId>()),
        due: fc.option(fc.integer({ min: 0, max: MAX_MILLIS })),
        reason: fc.string(),
      }),
      { maxLength: 3 },
    )
    .map((items) => ({ kind: 'held', items }) as const),
);

function write(head: SnapshotHead, parts: readonly SnapshotPart[]): Uint8Array {
  const writer = new SnapshotWriter(head);
  for (const part of parts) writer.add(part);
  return writer.finish();
}

test('[SNAP-1] a piece of a snapshot gives back its head and its parts as they went in', () => {
  fc.assert(
    fc.property(anyHead, fc.array(anyPart, { maxLength: 5 }), (head, parts) => {
      const opened = openSnapshot(write(head, parts));
      if (!opened.ok) throw new Error(opened.error.message);
      expect(opened.value.head).toEqual(head);
      expect([...opened.value.parts()]).toEqual(parts.map((value) => ({ ok: true, value })));
    }),
    { numRuns: 60 },
  );
});

test('[SNAP-2] bytes that were changed, cut, or are something else give an error that says where, and nothing is thrown', () => {
  fc.assert(
    fc.property(
      anyHead,
      fc.array(anyPart, { maxLength: 3 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (head, parts, at, change) => {
        const bytes = write(head, parts);
        const changed = bytes.slice();
        changed[at % bytes.length]! ^= change;
        for (const wrong of [changed, bytes.slice(0, at % bytes.length), Uint8Array.from([...bytes, 0])]) {
          const opened = openSnapshot(wrong);
          expect(opened.ok).toBe(false);
          if (!opened.ok) expect(opened.error.where).not.toBe('');
        }
      },
    ),
    { numRuns: 60 },
  );
  for (const text of ['', 'D', 'DyBkSnap', 'DyBkSnap\u0001', 'SQLite format 3'])
    expect(openSnapshot(encodeText(text)).ok).toBe(false);
});

test('[SNAP-2] whoever can count a checksum gets no further: parts of anything are errors', () => {
  let errors = 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5 }), fc.uint8Array({ maxLength: 60 }), (kind, content) => {
      const forged = new ForgingWriter(HEAD);
      forged.forge(kind, content);
      const opened = openSnapshot(forged.finish());
      if (!opened.ok) throw new Error(opened.error.message);
      for (const part of opened.value.parts()) {
        if (part.ok) continue;
        expect(part.error.where).toContain('part 1');
        errors += 1;
      }
    }),
    { numRuns: 300 },
  );
  expect(errors).toBeGreaterThan(250);
});

/** Writes parts that no honest writer would. */
class ForgingWriter extends SnapshotWriter {
  forge(kind: number, content: Uint8Array): void {
    this.addBytes(kind, content);
  }
}

test('a later version is told apart from damage', () => {
  const bytes = write(HEAD, []);
  bytes[8] = 2;
  expect(openSnapshot(bytes)).toMatchObject({ error: { kind: 'newer' } });
  expect(openSnapshot(Uint8Array.of(1, 2, 3))).toMatchObject({ error: { kind: 'notASnapshot' } });
});
