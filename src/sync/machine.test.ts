import { describe, expect, test } from 'vitest';
import { MachineRun, page, STORE_FULL } from '../testing/machine-run.ts';
import { step, UNLINKED, type Effect } from './machine.ts';

const unreachable = { kind: 'unreachable', message: 'no network' } as const;
const busy = { kind: 'busy', message: 'busy', retryAfterMillis: null } as const;
const unauthorized = { kind: 'unauthorized', message: 'revoked' } as const;
const stored = { kind: 'stored', duplicate: false } as const;

const did = (run: MachineRun): Effect['do'][] => run.effects.map((effect) => effect.do);

describe('a session', () => {
  test('begins with the clock, catches up, and goes live', () => {
    const run = new MachineRun().start();
    expect(did(run)).toEqual(['time']);
    run.settle('time', run.timeIs(0));
    expect(run.isFlying('read')).toBe(true);
    run.settle('read', page({ upToDate: false, messages: 3 }));
    expect(run.isFlying('read')).toBe(true);
    run.settle('read', page({ messages: 1 }));
    expect(run.isFlying('tail')).toBe(true);
    expect(run.status).toEqual({ kind: 'synced' });
  });

  test('that never synced makes the stream before it reads or sends', () => {
    const run = new MachineRun();
    run.edit();
    run.start({ fresh: true });
    run.settle('time', run.timeIs(0));
    expect(run.isFlying('create')).toBe(true);
    expect(run.isFlying('append')).toBe(false);
    run.settle('create', { kind: 'created' });
    expect(run.isFlying('read')).toBe(true);
    expect(run.isFlying('append')).toBe(true);
  });

  test('takes more readings of the clock while they are rough, three at most', () => {
    const run = new MachineRun().start();
    run.settle('time', run.timeIs(0, 4_000)).settle('time', run.timeIs(0, 3_000));
    expect(run.isFlying('time')).toBe(true);
    run.settle('time', run.timeIs(0, 5_000));
    expect(run.isFlying('read')).toBe(true);
    expect(run.linked.sample?.errorMillis).toBeCloseTo(1_505);
  });

  test('with a server that does not tell the time goes on without', () => {
    const run = new MachineRun().start();
    run.settle('time', { kind: 'unknown' });
    expect(run.isFlying('read')).toBe(true);
    expect(run.linked.clockKnown).toBe(true);
  });

  test('ends when it is stopped, whatever is in flight', () => {
    const run = new MachineRun().live();
    run.edit();
    run.pass(200);
    run.send({ kind: 'stop' });
    expect(run.state).toBe(UNLINKED);
    expect(did(run).slice(-2)).toEqual(['abort', 'abort']);
    expect(step(UNLINKED, { kind: 'nudge' }, { now: 0, jitter: 0 })).toEqual({ state: UNLINKED, effects: [] });
  });

  test('takes an outcome that nothing is in flight for as a broken invariant', () => {
    const run = new MachineRun().live();
    expect(() => run.send({ kind: 'readDone', outcome: page() })).toThrow('readDone while live');
    expect(() => run.send({ kind: 'appendDone', outcome: stored })).toThrow('appendDone while idle');
    expect(() => step(UNLINKED, { kind: 'tailDone', outcome: { kind: 'ended' } }, { now: 0, jitter: 0 })).toThrow(
      'no session',
    );
  });
});

describe('sending', () => {
  test('[SYNC-8] an edit goes out within a second, with those made at the same time', () => {
    const run = new MachineRun().live();
    run.edit();
    run.pass(100);
    expect(run.isFlying('append')).toBe(false);
    run.edit();
    run.pass(100);
    expect(run.isFlying('append')).toBe(true);
  });

  test('[SYNC-2] a bundle is marked before it is sent, and leaves after the acknowledgement alone', () => {
    const run = new MachineRun().live();
    const id = run.edit();
    run.pass(200);
    expect(did(run).slice(-5)).toEqual(['pick', 'setProducer', 'pick', 'markTried', 'append']);
    run.settle('append', unreachable);
    expect(run.outbox).toEqual([{ id, tried: true }]);
    run.pass(60_000);
    run.settle('append', { kind: 'stored', duplicate: true });
    expect(run.outbox).toEqual([]);
    expect(run.producer).toEqual({ epoch: 100, seq: 1 });
    expect(run.status).toEqual({ kind: 'synced' });
  });

  test('[SYNC-2] a session counts under an epoch of its own, after what an earlier one has tried', () => {
    const run = new MachineRun();
    run.producer = { epoch: 40, seq: 3 };
    const tried = run.edit();
    run.outbox[0]!.tried = true;
    run.edit();
    run.start().settle('time', run.timeIs(0)).settle('read', page());
    expect(run.effects.at(-2)).toEqual({
      do: 'append',
      sent: { id: tried, tried: true, producer: { epoch: 40, seq: 3 } },
    });
    run.settle('append', { kind: 'stored', duplicate: true });
    expect(run.effects.at(-1)).toMatchObject({
      do: 'append',
      sent: { tried: false, producer: { epoch: 100, seq: 0 } },
    });
    run.settle('append', stored);
    run.edit();
    run.pass(200);
    expect(run.effects.at(-1)).toMatchObject({ do: 'append', sent: { producer: { epoch: 100, seq: 1 } } });
  });

  test('[SYNC-2] nor does a clock that is far behind lower an epoch', () => {
    const run = new MachineRun().live();
    run.producer = { epoch: 5_000, seq: 3 };
    run.edit();
    run.pass(200);
    expect(run.effects.at(-1)).toMatchObject({ do: 'append', sent: { producer: { epoch: 5_001, seq: 0 } } });
  });

  test('[SYNC-2] one append at a time; the next goes out as soon as the one before is stored', () => {
    const run = new MachineRun().live();
    run.edit();
    run.edit();
    run.pass(200);
    expect(did(run).filter((effect) => effect === 'append')).toHaveLength(1);
    run.settle('append', stored);
    expect(did(run).filter((effect) => effect === 'append')).toHaveLength(2);
  });

  test('[SYNC-2] a bundle refused for good goes to the dead letters and the next takes its number', () => {
    const run = new MachineRun().live();
    const bad = run.edit();
    run.edit();
    run.pass(200);
    run.settle('append', { kind: 'refused', message: 'too large', perhapsNumber: false });
    expect(run.rejected).toEqual([bad]);
    expect(run.effects.at(-1)).toMatchObject({ do: 'append', sent: { producer: { epoch: 100, seq: 0 } } });
    run.settle('append', stored);
    expect(run.status).toEqual({ kind: 'attention', count: 1 });
  });

  test('[SYNC-2] a 400 to another number than 0 is offered again as the first of an epoch before it is believed', () => {
    const run = new MachineRun().sent();
    const bad = run.edit();
    run.pass(200);
    run.settle('append', { kind: 'refused', message: 'no', perhapsNumber: true });
    expect(run.effects.at(-1)).toMatchObject({ do: 'append', sent: { id: bad, producer: { epoch: 101, seq: 0 } } });
    run.settle('append', { kind: 'refused', message: 'no', perhapsNumber: true });
    expect(run.rejected).toEqual([bad]);
    expect(did(run)).not.toContain('resendAll');
  });

  test('[SYNC-4] a 400 that was about the number means a server that forgot: everything is sent again', () => {
    const run = new MachineRun().sent();
    run.edit();
    run.pass(200);
    run.settle('append', { kind: 'refused', message: 'no', perhapsNumber: true });
    run.settle('append', stored);
    run.settle('tail', unreachable);
    expect(did(run)).toContain('resendAll');
    expect(run.outbox).toHaveLength(2);
  });

  test('[SYNC-2] on a gap the epoch goes up, the sequence restarts at 0, and everything is sent again', () => {
    const run = new MachineRun().sent();
    run.edit();
    run.pass(200);
    run.settle('append', { kind: 'gap', expected: 0 });
    expect(run.linked.pull.at).toBe('stopping');
    run.settle('tail', unreachable);
    expect(did(run).slice(-7)).toEqual(['resendAll', 'read', 'pick', 'setProducer', 'pick', 'markTried', 'append']);
    expect(run.effects.at(-1)).toMatchObject({ sent: { producer: { epoch: 101, seq: 0 } } });
    expect(run.outbox).toHaveLength(2);
  });

  test('[HLC-6] a fence means a copy of this database: a new client before anything else is sent', () => {
    const run = new MachineRun().live();
    run.edit();
    run.pass(200);
    run.settle('append', { kind: 'fenced', epoch: 3 });
    expect(run.isFlying('renew')).toBe(true);
    run.settle('renew', unreachable);
    expect(run.linked.push.at).toBe('waiting');
    run.pass(60_000);
    run.settle('append', { kind: 'fenced', epoch: 3 });
    run.settle('renew', { kind: 'renewed' });
    run.pass(60_000);
    run.settle('append', stored);
    expect(run.outbox).toEqual([]);
  });

  test('[HLC-6] a number never used that the server calls a duplicate was used by a copy: the bundle stays', () => {
    const run = new MachineRun().live();
    const id = run.edit();
    run.pass(200);
    run.settle('append', { kind: 'stored', duplicate: true });
    expect(run.isFlying('renew')).toBe(true);
    expect(run.outbox.map((entry) => entry.id)).toEqual([id]);
  });

  test('a server that takes nothing still delivers', () => {
    const run = new MachineRun().live();
    run.edit();
    run.pass(200);
    run.settle('append', { kind: 'closed', message: 'closed' });
    run.send({ kind: 'tailPage', page: page({ messages: 2 }) });
    expect(run.linked.caughtUp).toBe(true);
    expect(run.linked.push.at).toBe('blocked');
    run.pass(600_000);
    expect(run.isFlying('append')).toBe(true);
  });

  test('a server that delivers nothing still takes', () => {
    const run = new MachineRun().live();
    run.settle('tail', busy);
    run.edit();
    run.pass(200);
    run.settle('append', stored);
    expect(run.outbox).toEqual([]);
  });

  test('waits as long as a busy server asks, and tries at once when a person wants it', () => {
    const run = new MachineRun().live();
    run.edit();
    run.pass(200);
    run.settle('append', { kind: 'busy', message: 'full', retryAfterMillis: 120_000 });
    run.pass(119_000);
    expect(run.isFlying('append')).toBe(false);
    run.send({ kind: 'nudge' });
    expect(run.isFlying('append')).toBe(true);
  });

  test('an append that reached nobody makes a silent live connection prove itself', () => {
    const run = new MachineRun().live();
    run.pass(10_000);
    run.edit();
    run.pass(200);
    run.settle('append', unreachable);
    expect(run.linked.pull.at).toBe('stopping');
    run.settle('tail', unreachable);
    expect(run.isFlying('read')).toBe(true);
    run.settle('read', unreachable);
    expect(run.status).toEqual({ kind: 'offline', waiting: 1 });
  });

  test('what failed for want of a network goes out as soon as the server is heard again', () => {
    const run = new MachineRun().live();
    run.jitter = 0;
    run.settle('tail', unreachable);
    run.edit();
    run.pass(150);
    run.jitter = 1;
    run.settle('append', unreachable);
    run.pass(850);
    run.settle('read', page());
    expect(run.isFlying('append')).toBe(true);
  });
});

describe('receiving', () => {
  test('a live connection that ends in good order is opened again at once', () => {
    const run = new MachineRun().live();
    run.pass(60_000);
    run.settle('tail', { kind: 'ended' });
    expect(run.isFlying('tail')).toBe(true);
    expect(run.status).toEqual({ kind: 'synced' });
  });

  test('one that ends before it brought anything is not asked for in a hurry', () => {
    const run = new MachineRun().live();
    run.settle('tail', { kind: 'ended' });
    expect(run.linked.pull.at).toBe('waiting');
    run.pass(2_000);
    expect(run.isFlying('read')).toBe(true);
  });

  test('failures are met with longer and longer pauses, up to a minute', () => {
    const run = new MachineRun().live();
    run.jitter = 0.999_999;
    run.settle('tail', unreachable);
    const pauses: number[] = [];
    for (let i = 0; i < 8; i++) {
      const from = run.now;
      while (!run.isFlying('read')) run.pass(1_000);
      pauses.push(run.now - from);
      run.settle('read', unreachable);
    }
    expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test('an empty page that claims that there is more is not asked for without end', () => {
    const run = new MachineRun().start();
    run.settle('time', run.timeIs(0)).settle('read', page({ upToDate: false, messages: 0 }));
    expect(run.linked.pull.at).toBe('waiting');
  });

  test('a nudge tests a connection that has been silent, and leaves one alone that has not', () => {
    const run = new MachineRun().live();
    run.pass(5_000);
    run.send({ kind: 'nudge' });
    expect(run.isFlying('tail')).toBe(true);
    run.pass(11_000);
    run.send({ kind: 'nudge' });
    expect(run.linked.pull.at).toBe('stopping');
  });

  test('a device that the server does not know is tried again by a person, or much later', () => {
    const run = new MachineRun().live();
    run.settle('tail', unauthorized);
    expect(run.linked.pull.at).toBe('blocked');
    expect(run.status).toEqual({ kind: 'offline', waiting: 0 });
    run.send({ kind: 'nudge' });
    expect(run.isFlying('read')).toBe(true);
    run.settle('read', unauthorized);
    run.pass(600_000);
    expect(run.isFlying('read')).toBe(true);
  });

  test('[HLC-4] quarantined events are looked at twice a minute until none is left', () => {
    const run = new MachineRun().live();
    run.quarantined = 1;
    run.send({ kind: 'tailPage', page: page({ messages: 1, quarantined: 1 }) });
    run.pass(65_000);
    expect(did(run).filter((effect) => effect === 'release')).toHaveLength(2);
    run.quarantined = 0;
    run.pass(300_000);
    expect(did(run).filter((effect) => effect === 'release')).toHaveLength(3);
  });
});

describe('[SYNC-4] a log that is gone', () => {
  test('is noticed by the reader: both lanes stop, everything is queued again, the stream is made', () => {
    const run = new MachineRun().live();
    run.edit();
    run.pass(200).settle('append', stored);
    run.edit();
    run.pass(200);
    run.settle('tail', { kind: 'noStream' });
    expect(run.linked.push.at).toBe('stopping');
    expect(did(run)).not.toContain('resendAll');
    // Of the old log, perhaps: it stays.
    run.settle('append', stored);
    expect(run.outbox).toHaveLength(2);
    expect(run.isFlying('create')).toBe(true);
    expect(run.isFlying('append')).toBe(false);
    run.settle('create', { kind: 'created' });
    run.settle('append', stored).settle('append', stored);
    expect(run.outbox).toHaveLength(0);
  });

  test.each([
    ['live', new MachineRun().live()],
    ['sending', new MachineRun().sent()],
  ])('[SYNC-9] is noticed by a comparison, while %s: both lanes stop, and everything is queued again', (_, run) => {
    run.edit();
    run.pass(200);
    run.send({ kind: 'logGone', outcome: { kind: 'reset', message: 'Another log.' } });
    expect(run.linked.pull.at).toBe('stopping');
    expect(run.linked.push.at).toBe('stopping');
    run.settle('tail', unreachable).settle('append', stored);
    expect(did(run)).toContain('resendAll');
    expect(run.linked.pullError).toBe('Another log.');
    run.settle('read', page());
    while (run.outbox.length > 0) run.settle('append', stored);
    expect(run.linked.owed).toBeNull();
  });

  test('[HLC-4] what a comparison brought and has to wait for its time is looked at again', () => {
    const run = new MachineRun().live();
    expect(run.linked.releaseAt).toBeNull();
    run.send({ kind: 'heldMore' });
    expect(run.linked.releaseAt).toBeGreaterThan(run.now);
  });

  test('is noticed by the writer', () => {
    const run = new MachineRun().live();
    run.edit();
    run.pass(200);
    run.settle('append', { kind: 'noStream' }).settle('tail', unreachable);
    expect(run.isFlying('create')).toBe(true);
    expect(did(run)).toContain('resendAll');
  });

  test('[SYNC-10] that does not go back as far as the cursor is started over, at once and then with pauses; nothing is sent again', () => {
    const trimmed = { kind: 'trimmed', earliest: 'later', before: 1_000, message: 'too old' } as const;
    const run = new MachineRun().live();
    run.settle('tail', trimmed);
    expect(did(run).slice(-2)).toEqual(['startOver', 'read']);
    expect(run.status).toEqual({ kind: 'receiving' });
    // A server that says so of a snapshot's cursor, too, is not asked without end.
    run.settle('read', trimmed);
    expect(run.isFlying('read')).toBe(false);
    expect(run.status).toEqual({ kind: 'offline', waiting: 0 });
    run.pass(60_000);
    run.settle('read', page({ upToDate: false, messages: 1 })).settle('read', page());
    expect(run.isFlying('tail')).toBe(true);
    expect(did(run)).not.toContain('resendAll');
  });

  test('that was replaced is read from the start, without making it', () => {
    const run = new MachineRun().live();
    run.settle('tail', { kind: 'reset', message: 'another log' });
    expect(did(run).slice(-1)).toEqual(['pick']);
    expect(did(run)).toContain('resendAll');
    expect(run.isFlying('read')).toBe(true);
    expect(run.status).toEqual({ kind: 'receiving' });
  });

  test('is noticed by what was acknowledged and does not come back', () => {
    const run = new MachineRun().sent();
    run.pass(60_000).settle('tail', { kind: 'ended' });
    expect(run.isFlying('read')).toBe(true);
    run.settle('read', page({ unechoed: 1 }));
    expect(did(run)).toContain('resendAll');
    expect(run.outbox).toHaveLength(1);
  });

  test('cannot be told by a page that was asked for before the acknowledgement', () => {
    const run = new MachineRun().sent();
    run.pass(60_000).settle('tail', { kind: 'ended' });
    run.edit();
    run.pass(200).settle('append', stored);
    run.settle('read', page({ unechoed: 1 }));
    expect(run.isFlying('tail')).toBe(true);
    expect(did(run)).not.toContain('resendAll');
    run.pass(60_000).settle('tail', { kind: 'ended' });
    run.settle('read', page({ unechoed: 0 }));
    run.pass(60_000).settle('tail', { kind: 'ended' });
    expect(run.isFlying('tail')).toBe(true);
  });

  test('[SYNC-5] time after time is met with patience', () => {
    const run = new MachineRun().live();
    run.settle('tail', { kind: 'reset', message: 'another log' });
    run.settle('read', { kind: 'reset', message: 'another log' });
    expect(run.linked.pull.at).toBe('waiting');
    run.pass(2_000);
    run.settle('read', { kind: 'reset', message: 'another log' });
    expect(run.linked.pull.at).toBe('waiting');
  });

  test('stays owed until the store could queue everything', () => {
    const run = new MachineRun().live();
    run.failing.add('resendAll');
    run.settle('tail', { kind: 'noStream' });
    expect(run.linked).toMatchObject({ owed: 'create', pull: { at: 'waiting' } });
    expect(run.status).toEqual({ kind: 'writeFailed', reason: 'full', message: STORE_FULL.message });
    run.pass(60_000);
    expect(run.linked.owed).toBe('create');
    run.failing.clear();
    run.pass(60_000);
    expect(run.isFlying('create')).toBe(true);
    expect(run.linked.owed).toBe(null);
  });
});

describe('[HLC-5] the clock', () => {
  test('nothing is sealed before it is known; a wrong one is made good first', () => {
    const run = new MachineRun();
    run.edit();
    run.start();
    run.pass(1_000);
    expect(did(run)).toEqual(['time']);
    run.settle('time', run.timeIs(420_000));
    expect(did(run)).toEqual(['time', 'restamp', 'read', 'pick', 'setProducer', 'pick', 'markTried', 'append']);
    run.settle('append', stored);
    expect(run.status).toEqual({ kind: 'clock', offsetMillis: 420_000 });
  });

  test('one that is right again does not hide what it stamped while it was fast', () => {
    const run = new MachineRun().start();
    run.newestUnsealed = run.now + 3_600_000;
    run.settle('time', run.timeIs(0));
    expect(did(run)).toEqual(['time', 'restamp', 'read', 'pick']);
  });

  test('a small difference is noted, and stamps nothing anew', () => {
    const run = new MachineRun().start();
    run.settle('time', run.timeIs(3_000));
    expect(did(run)).toEqual(['time', 'setClockOffset', 'read', 'pick']);
  });

  test('one that was set while we looked away is read anew before anything is sealed', () => {
    const run = new MachineRun().live();
    run.send({ kind: 'clockJumped' });
    run.edit();
    run.pass(1_000);
    expect(run.isFlying('append')).toBe(false);
    run.settle('tail', unreachable);
    run.settle('time', run.timeIs(-3_600_000));
    expect(did(run)).toContain('restamp');
    expect(run.isFlying('append')).toBe(true);
  });

  test('that could not be made good holds everything back until it is', () => {
    const run = new MachineRun();
    run.edit();
    run.failing.add('restamp');
    run.start().settle('time', run.timeIs(420_000));
    expect(run.linked).toMatchObject({ clockKnown: false, offsetMillis: 0 });
    expect(run.isFlying('append')).toBe(false);
    run.failing.clear();
    run.pass(60_000);
    run.settle('time', run.timeIs(420_000));
    expect(did(run).filter((effect) => effect === 'restamp')).toHaveLength(1);
    run.pass(60_000);
    expect(run.isFlying('append')).toBe(true);
  });

  test('is read again every ten minutes', () => {
    const run = new MachineRun().live();
    for (let i = 0; i < 10; i++) run.pass(60_000).settle('tail', { kind: 'ended' });
    expect(run.isFlying('tail')).toBe(true);
    run.pass(60_000).settle('tail', { kind: 'ended' });
    expect(run.isFlying('time')).toBe(true);
  });
});

describe('a store that cannot write', () => {
  test('loses no acknowledgement: the bundle is offered again under its number', () => {
    const run = new MachineRun().live();
    const id = run.edit();
    run.pass(200);
    run.failing.add('acknowledge');
    run.settle('append', stored);
    expect(run.outbox).toEqual([{ id, tried: true }]);
    expect(run.status).toMatchObject({ kind: 'writeFailed' });
    run.failing.clear();
    run.pass(60_000);
    run.settle('append', { kind: 'stored', duplicate: true });
    expect(run.outbox).toEqual([]);
    expect(run.status).toEqual({ kind: 'synced' });
  });

  test('does not send what it could not mark', () => {
    const run = new MachineRun().live();
    run.edit();
    run.failing.add('markTried');
    run.pass(200);
    expect(run.isFlying('append')).toBe(false);
    run.failing.clear();
    run.pass(60_000);
    expect(run.isFlying('append')).toBe(true);
  });

  test('reads the page again that it could not apply', () => {
    const run = new MachineRun().live();
    run.settle('tail', STORE_FULL);
    expect(run.linked).toMatchObject({ caughtUp: false, pull: { at: 'waiting' } });
    run.pass(60_000);
    run.settle('read', page({ messages: 1 }));
    expect(run.status).toEqual({ kind: 'synced' });
  });
});
