import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BookGenerator } from '../testing/book-generator.ts';
import { TYPE } from './attribute.ts';
import { toBase64 } from './base64.ts';
import { sealBundle } from './bundle-codec.ts';
import type { Event } from './event.ts';
import type { BookId, BundleId, UserId } from './ids.ts';

const SEEDS = Array.from({ length: 20 }, (_, i) => i);

/** Bytes on the wire of one message that carries these events: JSON, payload in base64, then gzip as HTTP applies it. */
function wireBytes(book: BookGenerator, events: readonly Event[]): number {
  const bundle = sealBundle(
    {
      id: book.mint<BundleId>(),
      bookId: book.mint<BookId>(),
      userId: book.mint<UserId>(),
      clientId: events.at(-1)!.clientId,
      timestamp: events.at(-1)!.timestamp,
    },
    events,
  );
  return gzipSync(JSON.stringify({ ...bundle, payload: toBase64(bundle.payload) })).length;
}

/** An import of 125 records with eight fields, nothing else. */
function importOf1000(seed: number, together: boolean): number {
  const book = new BookGenerator(seed, 1, together);
  book.schema();
  const events = book.importRecords(125).events.filter((event) => event.attribute !== TYPE);
  expect(events).toHaveLength(1_000);
  expect(events.every((event) => event.previous.length === 0)).toBe(true);
  return wireBytes(book, events);
}

/** Transactions of these sizes upon records that were imported a while ago. */
function edits(seed: number, together: boolean, sizes: readonly number[]): number {
  const book = new BookGenerator(seed, 1, together);
  book.schema();
  book.importRecords(500);
  book.clock.advance(40 * 86_400_000);
  const events = sizes.flatMap((size) => book.edit(size).events);
  expect(events.every((event) => event.previous.length === 1)).toBe(true);
  return wireBytes(book, events);
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

describe('bytes on the wire', () => {
  test('[BUNDLE-7] an event of a large import takes at most 35 bytes, envelope included', () => {
    for (const together of [true, false]) {
      expect(Math.max(...SEEDS.map((seed) => importOf1000(seed, together))) / 1_000).toBeLessThan(8);
    }
  });

  test('[BUNDLE-7] an event of a thousand single edits, each its own transaction, takes at most 35 bytes', () => {
    const singles = Array.from({ length: 1_000 }, () => 1);
    for (const together of [true, false]) {
      expect(Math.max(...SEEDS.slice(0, 3).map((seed) => edits(seed, together, singles))) / 1_000).toBeLessThan(35);
    }
  });

  test('[BUNDLE-7] five edits take at most 450 bytes, envelope included', () => {
    for (const sizes of [[3, 2], [4, 1], [5], [2, 2, 1], [1, 1, 1, 1, 1]]) {
      expect(Math.max(...SEEDS.map((seed) => edits(seed, true, sizes)))).toBeLessThanOrEqual(450);
    }
  });

  test('[BUNDLE-7] five edits in two transactions do so on average even where each id was minted on its own', () => {
    expect(mean(SEEDS.map((seed) => edits(seed, false, [3, 2])))).toBeLessThanOrEqual(450);
  });
});
