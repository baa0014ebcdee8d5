import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MachineRun, page, STORE_FULL } from '../testing/machine-run.ts';
import type { Effect, Linked } from './machine.ts';
import { nextWake } from './machine.ts';

type Move = { readonly name: string; readonly make: (run: MachineRun) => void };

const unreachable = { kind: 'unreachable', message: 'no network' } as const;
const busy = { kind: 'busy', message: 'busy', retryAfterMillis: 5_000 } as const;
const unauthorized = { kind: 'unauthorized', message: 'revoked' } as const;
const noStream = { kind: 'noStream' } as const;
const reset = { kind: 'reset', message: 'another log' } as const;
const trimmed = { kind: 'trimmed', earliest: 'later', before: 1_000, message: 'too old' } as const;
const failures = [unreachable, busy, unauthorized] as const;

/** Every outcome that an effect in flight can have. */
const OUTCOMES: Record<string, readonly Move[]> = {
  time: [
    move('time', (run) => run.settle('time', run.timeIs(0))),
    move('rough time', (run) => run.settle('time', run.timeIs(500, 4_000))),
    move('wrong clock', (run) => run.settle('time', run.timeIs(420_000))),
    move('no time', (run) => run.settle('time', { kind: 'unknown' })),
    ...failures.map((failure) => move(`time ${failure.kind}`, (run) => run.settle('time', failure))),
  ],
  create: [
    move('created', (run) => run.settle('create', { kind: 'created' })),
    move('create refused', (run) => run.settle('create', { kind: 'refused', message: 'no' })),
    ...failures.map((failure) => move(`create ${failure.kind}`, (run) => run.settle('create', failure))),
  ],
  read: [
    move('read', (run) => run.settle('read', page())),
    move('read more', (run) => run.settle('read', page({ upToDate: false, messages: 5, quarantined: 1 }))),
    move('read, but something acknowledged is missing', (run) => run.settle('read', page({ unechoed: 2 }))),
    move('a part of what is read', (run) => run.send({ kind: 'arriving' })),
    move('read nothing', (run) => run.settle('read', page({ upToDate: false }))),
    ...[noStream, reset, trimmed, STORE_FULL, ...failures].map((outcome) =>
      move(`read ${outcome.kind}`, (run) => run.settle('read', outcome)),
    ),
  ],
  tail: [
    move('tail page', (run) => run.send({ kind: 'tailPage', page: page({ messages: 1 }) })),
    move('tail more', (run) => run.send({ kind: 'tailPage', page: page({ messages: 1, upToDate: false }) })),
    move('a part of a tail page', (run) => run.send({ kind: 'arriving' })),
    move('tail ended', (run) => run.settle('tail', { kind: 'ended' })),
    ...[noStream, reset, trimmed, STORE_FULL, ...failures].map((outcome) =>
      move(`tail ${outcome.kind}`, (run) => run.settle('tail', outcome)),
    ),
  ],
  append: [
    move('stored', (run) => run.settle('append', { kind: 'stored', duplicate: false })),
    move('duplicate', (run) => run.settle('append', { kind: 'stored', duplicate: true })),
    move('gap', (run) => run.settle('append', { kind: 'gap', expected: 0 })),
    move('fenced', (run) => run.settle('append', { kind: 'fenced', epoch: 9 })),
    move('append noStream', (run) => run.settle('append', noStream)),
    move('closed', (run) => run.settle('append', { kind: 'closed', message: 'closed' })),
    move('refused', (run) => run.settle('append', { kind: 'refused', message: 'no', perhapsNumber: false })),
    move('doubted', (run) => run.settle('append', { kind: 'refused', message: 'no', perhapsNumber: true })),
    ...failures.map((failure) => move(`append ${failure.kind}`, (run) => run.settle('append', failure))),
  ],
  renew: [
    move('renewed', (run) => run.settle('renew', { kind: 'renewed' })),
    ...[STORE_FULL, ...failures].map((failure) => move(`renew ${failure.kind}`, (run) => run.settle('renew', failure))),
  ],
};

const NEWS: readonly Move[] = [
  move('edit', (run) => void run.edit()),
  move('nudge', (run) => run.send({ kind: 'nudge' })),
  move('log gone', (run) => run.send({ kind: 'logGone', outcome: { kind: 'noStream' } })),
  move('log reset', (run) => run.send({ kind: 'logGone', outcome: { kind: 'reset', message: 'gone' } })),
  move('clock set', (run) => run.send({ kind: 'clockJumped' })),
  move('a moment', (run) => run.pass(200)),
  move('a while', (run) => run.pass(20_000)),
  move('long', (run) => run.pass(700_000)),
];

const STORE_EFFECTS: readonly Effect['do'][] = [
  'setClockOffset',
  'restamp',
  'pick',
  'markTried',
  'acknowledge',
  'reject',
  'setProducer',
  'resendAll',
  'release',
];

function move(name: string, make: (run: MachineRun) => unknown): Move {
  return { name, make: (run) => void make(run) };
}

/** Moves that can happen now. Those in flight come first. */
function movesOf(run: MachineRun): readonly Move[] {
  const flying = [run.flying.pull, run.flying.push].filter((effect) => effect !== null);
  return [...flying.flatMap((effect) => OUTCOMES[effect.do]!), ...NEWS];
}

/** What a state comes to, numbers aside: two states of one key do the same from there on, up to times and counts. */
function keyOf(run: MachineRun): string {
  const s = run.linked;
  const few = (n: number): number => Math.min(n, 2);
  return [
    s.pull.at,
    s.pull.at === 'asking'
      ? s.pull.tries
      : s.pull.at === 'live'
        ? `${few(s.pull.pages)} ${run.now - s.pull.since < 5_000}`
        : '',
    s.push.at,
    s.push.at === 'sending' ? `${s.push.sent.tried} ${few(s.push.sent.producer.seq)}` : '',
    few(s.pullFailures),
    few(s.pushFailures),
    s.create,
    s.owed,
    s.clockKnown,
    s.reach,
    s.caughtUp,
    s.doubted,
    s.ownEpoch,
    s.acknowledged,
    s.tryingSince === null,
    s.releaseAt === null,
    few(run.outbox.length),
    run.outbox[0]?.tried ?? '',
    run.flying.pull?.do,
    run.flying.push?.do,
  ].join('|');
}

function replay(path: readonly Move[], fresh: boolean): MachineRun {
  const run = new MachineRun().start({ fresh });
  for (const step of path) step.make(run);
  return run;
}

describe('the whole space of states', () => {
  test(
    '[SYNC-2] [SYNC-7] every outcome in every state moves on, and no rule is broken on the way',
    { timeout: 240_000 },
    () => {
      const seen = new Map<string, readonly Move[]>();
      const reached = { pull: new Set<Linked['pull']['at']>(), push: new Set<Linked['push']['at']>() };
      let frontier: { readonly path: readonly Move[]; readonly fresh: boolean }[] = [
        { path: [], fresh: false },
        { path: [], fresh: true },
      ];
      let transitions = 0;
      while (frontier.length > 0) {
        const next: typeof frontier = [];
        for (const { path, fresh } of frontier) {
          for (const move of movesOf(replay(path, fresh))) {
            const run = replay(path, fresh);
            const before = { pull: run.flying.pull, push: run.flying.push };
            const count = run.effects.length;
            try {
              move.make(run);
            } catch (error) {
              throw new Error([...path, move].map(({ name }) => name).join(' > '), { cause: error });
            }
            transitions++;
            // An outcome is never swallowed: what was in flight is not, and the lane does or waits for something.
            const settles =
              !NEWS.includes(move) &&
              !move.name.startsWith('tail page') &&
              !move.name.startsWith('a part of') &&
              !move.name.startsWith('tail more');
            if (settles)
              expect(run.flying.pull !== before.pull || run.flying.push !== before.push, move.name).toBe(true);
            expect(run.effects.length > count || nextWake(run.state) !== null || isAtRest(run), move.name).toBe(true);
            reached.pull.add(run.linked.pull.at);
            reached.push.add(run.linked.push.at);
            const key = keyOf(run);
            if (seen.has(key)) continue;
            const found = [...path, move];
            seen.set(key, found);
            next.push({ path: found, fresh });
          }
        }
        frontier = next.filter(({ path }) => path.length < 7);
      }
      // `holding` and `picking` last no longer than one turn, unless the other lane has to stop first.
      expect([...reached.pull].sort()).toEqual(
        ['asking', 'blocked', 'creating', 'holding', 'live', 'reading', 'stopping', 'waiting'].sort(),
      );
      expect([...reached.push].sort()).toEqual(
        ['blocked', 'due', 'idle', 'renewing', 'sending', 'stopping', 'waiting'].sort(),
      );
      expect(transitions).toBeGreaterThan(10_000);
    },
  );
});

/** Something is in flight that will move it, sooner or later. */
function isAtRest(run: MachineRun): boolean {
  return run.flying.pull !== null || run.flying.push !== null;
}

/** Live, with nothing to send. */
const isAtPeace = (run: MachineRun): boolean =>
  run.linked.pull.at === 'live' && run.linked.push.at === 'idle' && run.outbox.length === 0 && run.linked.caughtUp;

describe('any course of events', () => {
  const course = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ pick: fc.nat(), jitter: fc.double({ min: 0, max: 0.999, noNaN: true }) }) },
      { weight: 1, arbitrary: fc.record({ fails: fc.subarray([...STORE_EFFECTS], { maxLength: 3 }) }) },
      { weight: 1, arbitrary: fc.record({ millis: fc.nat(90_000) }) },
    ),
    { maxLength: 150, size: 'max' },
  );

  function play(run: MachineRun, moves: typeof course extends fc.Arbitrary<infer T> ? T : never): void {
    for (const move of moves) {
      if ('fails' in move) {
        run.failing.clear();
        for (const effect of move.fails) run.failing.add(effect);
      } else if ('millis' in move) {
        run.pass(move.millis);
      } else {
        run.jitter = move.jitter;
        const moves = movesOf(run);
        moves[move.pick % moves.length]!.make(run);
      }
    }
  }

  test('[SYNC-2] [SYNC-7] breaks no rule: one append at a time, nothing leaves unacknowledged, synced only when it is', () => {
    fc.assert(
      fc.property(course, fc.boolean(), (moves, fresh) => {
        const run = new MachineRun().start({ fresh });
        play(run, moves);
        // Every edit is somewhere: waiting, acknowledged, or with the dead letters.
        const found = [...run.outbox.map((entry) => entry.id), ...run.acknowledged, ...run.rejected];
        expect(new Set(found).size).toBe(found.length);
        expect(found.length).toBe(run.edits);
      }),
      { numRuns: 2_000 },
    );
  });

  test('ends well once the network does: everything sent, live, synced or in need of a person', () => {
    fc.assert(
      fc.property(course, fc.boolean(), (moves, fresh) => {
        const run = new MachineRun().start({ fresh });
        play(run, moves);
        run.failing.clear();
        run.quarantined = 0;
        for (let i = 0; i < 400 && !isAtPeace(run); i++) {
          if (run.isFlying('time')) run.settle('time', run.timeIs(0));
          else if (run.isFlying('create')) run.settle('create', { kind: 'created' });
          else if (run.isFlying('read')) run.settle('read', page());
          else if (run.isFlying('tail') && run.linked.pull.at === 'stopping') run.settle('tail', unreachable);
          else if (run.isFlying('append')) run.settle('append', { kind: 'stored', duplicate: false });
          else if (run.isFlying('renew')) run.settle('renew', { kind: 'renewed' });
          else if (run.isFlying('tail') && !run.linked.caughtUp) run.send({ kind: 'tailPage', page: page() });
          else run.pass(10_000);
        }
        expect(run.outbox).toEqual([]);
        expect(run.linked.caughtUp).toBe(true);
        if (run.isFlying('append')) run.settle('append', { kind: 'stored', duplicate: true });
        const clock = run.linked.offsetMillis > 60_000;
        expect(run.status.kind).toBe(run.rejected.length > 0 ? 'attention' : clock ? 'clock' : 'synced');
      }),
      { numRuns: 1_000 },
    );
  });
});
