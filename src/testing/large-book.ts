/** Books of many events, in a database or as a file: the same every time. */
import { randomBytes } from 'node:crypto';
import type { AttributeName, Event } from '../core/event.ts';
import type { AttributeChange } from '../core/transaction.ts';
import { openStore } from '../store/book.ts';
import type { SqlDatabase } from '../store/database.ts';
import { takeFromFile } from '../store/take-events.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import { BookGenerator } from './book-generator.ts';
import { NodeSqlite } from './node-sqlite.ts';
import { must } from './test-book.ts';

const BATCH = 5_000;
const options = {
  random: (length: number) => new Uint8Array(randomBytes(length)),
  now: Date.now,
  messages: bundleMessages,
};

/** Takes events into a database that is a store's, as from a file. */
export function fillBook(db: SqlDatabase, history: Iterator<Event>): void {
  const { bookId } = must(openStore(db, options)).identity();
  for (let batch = take(history); batch.length > 0; batch = take(history)) takeFromFile(db, options, batch, bookId);
}

/** Writes them to a file, as a backup of their book would be. */
export function writeBook(path: string, history: Iterator<Event>): void {
  const db = new NodeSqlite(path);
  fillBook(db, history);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

/** A book that takes many pieces and pages for its number of events: texts are written over and over, and none can be compressed. */
export function* wordyHistory(records: number, events: number): Generator<Event> {
  const generator = new BookGenerator(1);
  const { random, fields } = generator;
  const wordy = fields.filter((field) => ['Company', 'City', 'Address'].includes(field.name));
  yield* generator.schema().events;
  let made = 0;
  while (generator.records.length < records) {
    const { events: imported } = generator.importRecords(Math.min(100, records - generator.records.length));
    made += imported.length;
    yield* imported;
  }
  while (made < events) {
    generator.clock.advance(5_000);
    const entityId = random.pick(generator.records);
    const changes = wordy.map(({ id }): AttributeChange => ({
      entityId,
      attribute: id as string as AttributeName,
      value: Buffer.from(random.bytes(300)).toString('base64'),
    }));
    made += changes.length;
    yield* generator.write(changes).events;
  }
}

function take(source: Iterator<Event>): Event[] {
  const taken: Event[] = [];
  while (taken.length < BATCH) {
    const next = source.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}
