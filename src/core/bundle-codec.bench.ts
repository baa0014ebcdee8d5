import { expect, test } from 'vitest';
import { BookGenerator } from '../testing/book-generator.ts';
import { openBundle, sealBundle } from './bundle-codec.ts';
import type { Event } from './event.ts';
import type { BookId, BundleId, UserId } from './ids.ts';
import { checkEvent } from './validate.ts';

const book = new BookGenerator(1);
book.schema();
const imported = book.importRecords(111).events;
book.importRecords(2_000);
const edits: Event[] = [];
while (edits.length < 1_000) edits.push(...book.edit(1).events);

test.for([
  { name: 'an import of 999 events', events: imported },
  { name: '1,000 edits, each its own transaction', events: edits },
])('seal, open and check $name', { timeout: 60_000 }, async ({ events }, { bench }) => {
  const envelope = {
    id: book.mint<BundleId>(),
    bookId: book.mint<BookId>(),
    userId: book.mint<UserId>(),
    clientId: events[0]!.clientId,
    timestamp: events.at(-1)!.timestamp,
  };
  const columnar = sealBundle(envelope, events, 'columnar');
  const json = sealBundle(envelope, events, 'json');
  expect(openBundle(columnar)).toEqual(openBundle(json));
  await bench.compare(
    bench('seal, columnar', () => void sealBundle(envelope, events, 'columnar')),
    bench('seal, json', () => void sealBundle(envelope, events, 'json')),
    bench('open, columnar', () => void openBundle(columnar)),
    bench('open, json', () => void openBundle(json)),
    bench('check', () => events.forEach((event) => checkEvent(event))),
  );
});
