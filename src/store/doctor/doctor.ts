/** Looks through a whole book in small steps, and tells what is there and whether it is as it should be. Changes nothing. */
import type { CheckName, DoctorCheck, DoctorProgress, DoctorReport } from '../../core/health.ts';
import type { ProjectionName } from '../../core/query.ts';
import { millisOf } from '../../core/timestamp.ts';
import { numberOf } from '../blob.ts';
import { readNumber } from '../config.ts';
import type { SqlDatabase } from '../database.ts';
import { PROJECTIONS } from '../projections/registry.ts';
import { quickCheck } from '../quick-check.ts';
import type { BundleMessages } from '../store.ts';
import { readCompleteSince } from '../superseded.ts';
import { checkAttributes } from './check-attributes.ts';
import { PROJECTION_CHECKS } from './check-projections.ts';
import { checkClock, checkLog, checkOutbox } from './check-sync.ts';
import { Faults } from './faults.ts';

export interface DoctorParts {
  readonly db: SqlDatabase;
  readonly messages: BundleMessages;
  /** Milliseconds of a clock that nobody sets. */
  readonly steadyMillis: () => number;
  /** Whether a projection is being made anew, and so may be incomplete. */
  readonly isPending: (name: ProjectionName) => boolean;
}

/**
 * Between two steps anything may be written: what a step compares, it reads in that step. Throws SqlError; damage that is met
 * on the way is thrown as such.
 */
export function* examine(parts: DoctorParts): Generator<DoctorProgress, DoctorReport> {
  const { db, messages, isPending } = parts;
  const checks: DoctorCheck[] = [];
  const projections = PROJECTIONS.map(({ name }) => name);
  const names: readonly CheckName[] = ['file', 'attributes', 'versions', ...projections, 'outbox', 'log', 'clock'];

  function* run(name: CheckName, work: Generator<unknown, void>, ...all: readonly [CheckName, Faults][]) {
    const start = parts.steadyMillis();
    let worked = 0;
    let resumed = start;
    for (;;) {
      const step = work.next();
      worked += parts.steadyMillis() - resumed;
      if (step.done === true) break;
      const within = typeof step.value === 'number' ? step.value : 0;
      yield { check: name, share: (checks.length + within * all.length) / names.length };
      resumed = parts.steadyMillis();
    }
    for (const [each, faults] of all) {
      const outcome = faults.count === 0 ? 'good' : 'bad';
      checks.push({ name: each, outcome, faults: faults.count, examples: faults.examples, millis: worked });
    }
  }

  const file = new Faults();
  yield* run('file', checkFile(db, file), ['file', file]);
  const [values, versions] = [new Faults(), new Faults()];
  yield* run('attributes', checkAttributes(db, values, versions), ['attributes', values], ['versions', versions]);
  for (const name of projections) {
    const faults = new Faults();
    const check = PROJECTION_CHECKS[name](db, faults);
    if (isPending(name)) checks.push({ name, outcome: 'skipped', faults: 0, examples: [], millis: 0 });
    else yield* run(name, check, [name, faults]);
  }
  const [outbox, log, clock] = [new Faults(), new Faults(), new Faults()];
  yield* run('outbox', checkOutbox(db, messages, outbox), ['outbox', outbox]);
  yield* run(
    'log',
    once(() => checkLog(db, log)),
    ['log', log],
  );
  yield* run(
    'clock',
    once(() => checkClock(db, clock)),
    ['clock', clock],
  );
  return { ...measure(db), checks };
}

function* checkFile(db: SqlDatabase, faults: Faults): Generator<void, void> {
  const result = yield* quickCheck(db);
  if (!result.ok) faults.add(result.error);
}

function* once(work: () => void): Generator<void, void> {
  yield;
  work();
}

function measure(db: SqlDatabase): Omit<DoctorReport, 'checks'> {
  const count = (sql: string, params: readonly number[] = []): number =>
    numberOf(Object.values(db.get(sql, params) ?? {})[0] ?? 0);
  const rows = (table: string, where = ''): number => count(`SELECT count(*) FROM ${table} ${where}`);
  const horizon = readCompleteSince(db);
  const page = count('PRAGMA page_size');
  return {
    sizes: { file: count('PRAGMA page_count') * page, free: count('PRAGMA freelist_count') * page },
    counts: {
      events: rows('events'),
      attributes: rows('attributes'),
      records: count(`SELECT coalesce(sum(records), 0) FROM type_counts WHERE typeof(type) = 'blob'`),
      types: rows('entities', `WHERE type = 'type'`),
      clients: rows('clients'),
      bundles: rows('bundles'),
      outbox: rows('outbox'),
      deadLetters: rows('dead_letters'),
      quarantine: rows('quarantine'),
      unsealed: count('SELECT count(*) FROM events WHERE arrival > ? AND bundle_id IS NULL', [
        readNumber(db, 'sealed_through', 0),
      ]),
      leaves: rows('leaves'),
      collisions: rows('collisions'),
    },
    horizon: horizon && millisOf(horizon),
  };
}
