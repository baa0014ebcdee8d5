import { describe, expect, test } from 'vitest';
import { sealBundle } from '../core/bundle-codec.ts';
import { MAX_BUNDLE_EVENTS } from '../core/bundle.ts';
import { compareEvents } from '../core/event.ts';
import type { BookId, BundleId, UserId } from '../core/ids.ts';
import { attributeKey, inConflict, reduceLog } from '../core/reduce.ts';
import { millisOf, type Timestamp } from '../core/timestamp.ts';
import type { Transaction } from '../core/transaction.ts';
import { checkEvent } from '../core/validate.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import { LongHistory } from './long-history.ts';
import { openBook } from './open-book.ts';

const SIZE = { records: 1_000, events: 10_000 };
const history = new LongHistory(11, SIZE);
const transactions = [...history.transactions()];
const events = transactions.flatMap((transaction) => transaction.events);

const stampsOf = (list: readonly Transaction[]): Timestamp[] => list.map((transaction) => transaction.timestamp);

describe('a long history', () => {
  test('is the same for the same seed, and another one for another', () => {
    const again = new LongHistory(11, SIZE).transactions();
    for (const transaction of transactions) expect(again.next().value).toEqual(transaction);
    expect(again.next().done).toBe(true);
    expect(new LongHistory(12, SIZE).transactions().next().value).not.toEqual(transactions[0]);
  });

  test('has as many events and records as it was asked for, over eighteen months, on five devices', () => {
    expect(events).toHaveLength(SIZE.events);
    expect(history.types.map((type) => type.records.length).reduce((a, b) => a + b)).toBe(SIZE.records);
    expect(new Set(events.map((event) => event.clientId)).size).toBe(5);
    const times = stampsOf(transactions).map(millisOf);
    const days = (Math.max(...times) - Math.min(...times)) / 86_400_000;
    expect(days).toBeGreaterThan(500);
    expect(days).toBeLessThan(550);
  });

  test('[LOG-5] [LOG-6] [LOG-9] every event is well-formed, and sees nothing that had not been made', () => {
    const made = new Set<string>();
    const keys = new Set<string>();
    for (const event of events.toSorted(compareEvents)) {
      expect(checkEvent(event)).toEqual({ ok: true, value: event });
      const key = attributeKey(event.entityId, event.attribute);
      for (const seen of event.previous) expect(made.has(key + seen), `${key} ${seen}`).toBe(true);
      made.add(key + event.timestamp);
      keys.add(key + event.timestamp);
    }
    expect(keys.size).toBe(events.length);
  });

  test('has late arrivals, imports and small edits, and conflicts of which some are settled', () => {
    const stamps = stampsOf(transactions);
    expect(stamps.filter((stamp, i) => i > 0 && stamp < stamps[i - 1]!).length).toBeGreaterThan(30);
    const sizes = transactions.map((transaction) => transaction.events.length);
    expect(sizes.filter((size) => size >= 100).length).toBeGreaterThan(5);
    expect(sizes.filter((size) => size <= 3).length).toBeGreaterThan(transactions.length / 2);
    const states = [...reduceLog(events).values()];
    expect(states.filter(inConflict).length).toBeGreaterThan(10);
    expect(states.some((state) => state.leaves.length > 2)).toBe(true);
    expect(events.some((event) => event.previous.length > 1)).toBe(true);
  });

  test('makes a book that the store takes in whole: types, links, a Trash, a schema that changed', () => {
    const book = openBook();
    const { clock } = history.book;
    const bookId = history.book.mint<BookId>();
    const userId = history.book.mint<UserId>();
    book.store.adoptBook(bookId, userId);
    const messages: unknown[] = [];
    for (let i = 0; i < events.length; i += MAX_BUNDLE_EVENTS) {
      const part = events.slice(i, i + MAX_BUNDLE_EVENTS);
      const { clientId, timestamp } = part.at(-1)!;
      const id = history.book.mint<BundleId>();
      messages.push(JSON.parse(bundleMessages.write(sealBundle({ id, bookId, userId, clientId, timestamp }, part))));
    }
    const applied = book.store.sync.apply({ messages, cursor: 'end' }, clock.now());
    expect(applied).toEqual({ events: events.length, quarantined: 0 });

    const schema = book.ask({ kind: 'schema' });
    expect(schema.types.map((type) => type.name)).toEqual(['Contacts', 'Companies', 'Visits']);
    const fields = schema.types.flatMap((type) => type.fields);
    expect(fields.some((field) => field.name.startsWith('Added'))).toBe(true);
    expect(fields.some((field) => field.hidden)).toBe(true);
    expect(fields.flatMap((field) => field.options).some((option) => option.name.startsWith('Option'))).toBe(true);
    const trash = book.ask({ kind: 'trash', offset: 0, limit: 1 }).total;
    expect(trash).toBeGreaterThan(10);
    expect(book.store.stats().records).toBe(SIZE.records - trash);
    expect(book.ask({ kind: 'conflicts', limit: 1 }).total).toBeGreaterThan(10);
    const { rows } = book.ask({ kind: 'records', type: history.contacts.id, offset: 0, limit: 1_000 });
    expect(rows.filter((row) => Object.keys(row.links).length > 0).length).toBeGreaterThan(100);
  });
});
