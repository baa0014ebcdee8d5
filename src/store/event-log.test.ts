import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import type { Event } from '../core/event.ts';
import { reduceLog } from '../core/reduce.ts';
import { canonicalDump } from '../testing/canonical-dump.ts';
import { NodeSqlite } from '../testing/node-sqlite.ts';
import { randomLog } from '../testing/random-log.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { attributeFromSql, idFromSql, timestampFromSql } from './blob.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { appendEvents } from './event-log.ts';
import { migrate } from './migrations.ts';
import { rebuildAll } from './rebuild.ts';
import { createStaging } from './staging.ts';

function emptyLog(): NodeSqlite {
  const db = new NodeSqlite();
  migrate(db);
  createStaging(db);
  return db;
}

function deliver(db: SqlDatabase, events: readonly Event[]): number {
  return db.transaction('normal', () => appendEvents(db, [{ events, bundleId: null, sender: null }]).fresh.length);
}

/** Delivers a log shuffled, cut into pieces, some of them twice. */
function deliverAnyhow(db: SqlDatabase, log: readonly Event[], random: SeededRandom): void {
  const order = log.map((event) => ({ event, at: random.next() })).toSorted((a, b) => a.at - b.at);
  let piece: Event[] = [];
  for (const { event } of order) {
    piece.push(event);
    if (random.chance(0.1)) piece.push(random.pick(log));
    if (random.chance(0.2)) {
      deliver(db, piece);
      piece = [];
    }
  }
  deliver(db, piece);
}

/** What the store holds, in the shape of core/reduce.ts. */
function stateOf(db: SqlDatabase): Map<string, { winner: string; value: string; timestamp: string; leaves: string[] }> {
  const state = new Map<string, { winner: string; value: string; timestamp: string; leaves: string[] }>();
  for (const row of db.all<{
    entity_id: SqlValue;
    attribute: SqlValue;
    value: string;
    timestamp: SqlValue;
    event_id: SqlValue;
    fork: SqlValue;
  }>('SELECT * FROM attributes')) {
    const winner = idFromSql(row.event_id);
    const leaves = db.all<{ event_id: SqlValue }>(
      'SELECT event_id FROM leaves WHERE entity_id = ? AND attribute = ? ORDER BY timestamp DESC, event_id DESC',
      [row.entity_id, row.attribute],
    );
    expect(row.fork === null).toBe(leaves.length === 0);
    state.set(`${idFromSql(row.entity_id)}/${attributeFromSql(row.attribute)}`, {
      winner,
      value: row.value,
      timestamp: timestampFromSql(row.timestamp),
      leaves: leaves.length === 0 ? [winner] : leaves.map((leaf) => idFromSql(leaf.event_id)),
    });
  }
  return state;
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

test('[LOG-1] any order, repetition and split of deliveries comes to what the log reduces to', () => {
  fc.assert(
    fc.property(seeds, seeds, (logSeed, deliverySeed) => {
      const log = randomLog(new SeededRandom(logSeed), 40);
      const db = emptyLog();
      deliverAnyhow(db, log, new SeededRandom(deliverySeed));
      const expected = new Map(
        Array.from(reduceLog(log), ([key, { winner, leaves }]) => [
          key,
          {
            winner: winner.id,
            value: winner.value,
            timestamp: winner.timestamp,
            leaves: leaves.map((leaf) => leaf.id),
          },
        ]),
      );
      expect(stateOf(db)).toEqual(expected);
      db.close();
    }),
    { numRuns: 60 },
  );
});

test('[LOG-1] projections come out the same for any order of delivery', () => {
  fc.assert(
    fc.property(seeds, seeds, (logSeed, deliverySeed) => {
      const log = randomLog(new SeededRandom(logSeed), 40);
      const inOrder = emptyLog();
      for (const event of log) deliver(inOrder, [event]);
      const anyhow = emptyLog();
      deliverAnyhow(anyhow, log, new SeededRandom(deliverySeed));
      expect(canonicalDump(anyhow)).toEqual(canonicalDump(inOrder));
      inOrder.close();
      anyhow.close();
    }),
    { numRuns: 60 },
  );
});

test('[LOG-2] what is derived from the log is the same after it was made anew, open versions included', () => {
  fc.assert(
    fc.property(seeds, seeds, (logSeed, deliverySeed) => {
      const db = emptyLog();
      deliverAnyhow(db, randomLog(new SeededRandom(logSeed), 40), new SeededRandom(deliverySeed));
      const before = canonicalDump(db, true);
      db.transaction('full', () => rebuildAll(db));
      expect(canonicalDump(db, true)).toEqual(before);
      db.close();
    }),
    { numRuns: 60 },
  );
});

test('delivering a log again appends nothing', () => {
  const log = randomLog(new SeededRandom(7), 60);
  const db = emptyLog();
  expect(deliver(db, log)).toBe(new Set(log.map((event) => event.id)).size);
  expect(deliver(db, log)).toBe(0);
});

test('two different events of one key both stay in the log, the greater id wins, and it is reported', () => {
  const [event] = randomLog(new SeededRandom(3), 1);
  if (!event) throw new Error('an empty log');
  const twin: Event = { ...event, id: `f${event.id.slice(1)}` as Event['id'], value: '"twin"' as Event['value'] };
  for (const order of [
    [event, twin],
    [twin, event],
  ]) {
    const db = emptyLog();
    for (const each of order) deliver(db, [each]);
    expect(db.get('SELECT count(*) AS n FROM events')?.['n']).toBe(2);
    expect(db.get('SELECT value FROM attributes')?.['value']).toBe('"twin"');
    expect(db.get('SELECT count(*) AS n FROM collisions')?.['n']).toBe(1);
  }
});
