import { describe, expect, test } from 'vitest';
import { MachineRun, page } from '../testing/machine-run.ts';
import { UNLINKED } from './machine.ts';
import type { SyncCounts } from './ports.ts';
import { detailsOf, statusChangesAt, statusOf } from './status.ts';

const unreachable = { kind: 'unreachable', message: 'The server cannot be reached.' } as const;
const nothing: SyncCounts = { waiting: 0, waitingSince: null, sent: 0, quarantined: 0, rejected: 0 };
const at = { wallMillis: 5_000_000_000, now: 1_000 };

/** The table of DESIGN section 6, row by row. */
describe('[SYNC-7] the chip says', () => {
  test('saved on this device only, while no sync is set up', () => {
    expect(statusOf(UNLINKED, { ...nothing, waiting: 7 }, null, at)).toEqual({ kind: 'local' });
  });

  test('synced, once all is acknowledged and everything that the server had is here', () => {
    const run = new MachineRun().start();
    expect(run.status).toEqual({ kind: 'offline', waiting: 0 });
    run.settle('time', run.timeIs(0));
    expect(run.status).toEqual({ kind: 'receiving' });
    run.settle('read', page({ upToDate: false, messages: 9 }));
    expect(run.status).toEqual({ kind: 'receiving' });
    run.settle('read', page({ messages: 1 }));
    expect(run.status).toEqual({ kind: 'synced' });
  });

  test('offline with edits, offline with none', () => {
    const run = new MachineRun().live();
    run.settle('tail', unreachable);
    expect(run.status).toEqual({ kind: 'offline', waiting: 0 });
    run.edit();
    expect(run.status).toEqual({ kind: 'offline', waiting: 1 });
  });

  test('never synced before this session has heard from the server, whatever was true before', () => {
    const run = new MachineRun().start().settle('time', unreachable);
    expect(run.status).toEqual({ kind: 'offline', waiting: 0 });
    run.pass(60_000);
    run.settle('time', run.timeIs(0));
    expect(run.status).toEqual({ kind: 'receiving' });
  });

  test('sending, from the edit to the acknowledgement', () => {
    const run = new MachineRun().live();
    run.edit();
    expect(run.status).toEqual({ kind: 'sending', waiting: 1 });
    run.pass(200);
    expect(run.status).toEqual({ kind: 'sending', waiting: 1 });
    run.settle('append', { kind: 'stored', duplicate: false });
    expect(run.status).toEqual({ kind: 'synced' });
  });

  test('stuck after 60 s, with the time of the next try', () => {
    const run = new MachineRun().live();
    run.edit();
    run.pass(200);
    run.settle('append', { kind: 'busy', message: 'full', retryAfterMillis: 100_000 });
    run.pass(59_000);
    expect(run.status.kind).toBe('sending');
    run.pass(2_000);
    expect(run.status).toEqual({ kind: 'stuck', waiting: 1, retryAt: run.now + 100_000 - 61_000 });
  });

  test('not sent yet, at once and not “sending”, where the server takes nothing from this device', () => {
    const run = new MachineRun().live();
    run.edit();
    run.pass(200);
    run.settle('append', { kind: 'unauthorized', message: 'This device was revoked.' });
    expect(run.status).toEqual({ kind: 'stuck', waiting: 1, retryAt: run.now + 600_000 });
    const other = new MachineRun().start();
    other.edit();
    other.settle('time', { kind: 'unauthorized', message: 'This device was revoked.' });
    expect(other.status).toEqual({ kind: 'stuck', waiting: 1, retryAt: other.now + 600_000 });
  });

  test('a long upload that moves on is not stuck', () => {
    const run = new MachineRun().live();
    run.edit();
    run.edit();
    run.edit();
    run.pass(200);
    run.pass(40_000);
    run.settle('append', { kind: 'stored', duplicate: false });
    run.pass(40_000);
    expect(run.status).toEqual({ kind: 'sending', waiting: 2 });
  });

  test('the time without a network does not count as stuck', () => {
    const run = new MachineRun().live();
    run.settle('tail', unreachable);
    run.edit();
    run.pass(200);
    run.settle('append', unreachable);
    run.pass(300_000);
    expect(run.status.kind).toBe('offline');
    run.settle('append', { kind: 'busy', message: 'busy', retryAfterMillis: null });
    run.settle('read', page());
    expect(run.status).toEqual({ kind: 'sending', waiting: 1 });
  });

  test('needs attention, for what was rejected or quarantined', () => {
    const run = new MachineRun().live();
    expect(statusOf(run.state, { ...nothing, waiting: 3, quarantined: 1, rejected: 1 }, null, at)).toEqual({
      kind: 'attention',
      count: 2,
    });
  });

  test('how far the clock is off, unless edits wait', () => {
    const run = new MachineRun().start();
    run.settle('time', run.timeIs(420_000)).settle('read', page());
    expect(run.status).toEqual({ kind: 'clock', offsetMillis: 420_000 });
    run.edit();
    expect(run.status).toEqual({ kind: 'sending', waiting: 1 });
  });

  test('that a write failed, before anything else', () => {
    const run = new MachineRun().live();
    const failure = { reason: 'full', message: 'storage is full' } as const;
    expect(statusOf(run.state, { ...nothing, rejected: 1 }, failure, at)).toEqual({ kind: 'writeFailed', ...failure });
    expect(statusOf(UNLINKED, nothing, failure, at)).toEqual({ kind: 'writeFailed', ...failure });
  });
});

describe('the details', () => {
  test('carry times of the wall clock, and nothing that is not known', () => {
    const run = new MachineRun().start();
    const before = detailsOf(run.state, nothing, null, { wallMillis: 9_000_000, now: run.now }, null);
    expect(before).toEqual({
      serverUrl: null,
      lastContactAt: null,
      waiting: 0,
      waitingSince: null,
      retryAt: null,
      clockOffsetMillis: null,
      quarantined: 0,
      rejected: 0,
      lastError: null,
      refused: null,
      verification: { running: null, last: null },
      progress: null,
      history: null,
      sent: 0,
      arriving: null,
    });
    run.settle('time', run.timeIs(3_000));
    run.pass(2_000);
    run.settle('read', { kind: 'busy', message: 'The server is busy.', retryAfterMillis: 30_000 });
    const server = { url: 'https://books.example', progress: 0.25, history: null, first: false };
    expect(detailsOf(run.state, nothing, null, { wallMillis: 9_000_000, now: run.now }, server)).toMatchObject({
      serverUrl: 'https://books.example',
      lastContactAt: 9_000_000,
      retryAt: 9_030_000,
      clockOffsetMillis: 3_000,
      lastError: 'The server is busy.',
      progress: 0.25,
    });
  });

  test('say whether records are on their way, and no longer once all are here', () => {
    const server = { url: 'https://books.example', progress: 0.25, history: null, first: true };
    const run = new MachineRun().start();
    const told = (first: boolean) => detailsOf(run.state, nothing, null, at, { ...server, first });
    expect([told(true).arriving, told(false).arriving]).toEqual(['waiting', null]);
    run.settle('time', run.timeIs(0));
    expect([told(true).arriving, told(false).arriving]).toEqual(['first', 'more']);
    run.settle('read', unreachable);
    expect([told(true).arriving, told(false).arriving]).toEqual(['waiting', null]);
    run.send({ kind: 'nudge' });
    run.settle('read', page({ upToDate: false, messages: 9 }));
    expect(told(true)).toMatchObject({ arriving: 'first', progress: 0.25 });
    run.settle('read', page({ messages: 1 }));
    expect(told(true)).toMatchObject({ arriving: null, progress: null });
  });

  test('say why a server turns this device away, until it does not any more', () => {
    const run = new MachineRun().live();
    run.settle('tail', { kind: 'unauthorized', message: 'This device is not linked.' });
    expect(detailsOf(run.state, nothing, null, at, null).refused).toBe('This device is not linked.');
    run.send({ kind: 'nudge' }).settle('read', page());
    expect(detailsOf(run.state, nothing, null, at, null).refused).toBeNull();
  });

  test('tell since when changes wait by this device’s clock, though they are stamped with a right one', () => {
    const run = new MachineRun().start();
    run.settle('time', run.timeIs(420_000)).settle('read', page());
    const counts = { ...nothing, waiting: 1, waitingSince: 8_580_000 };
    expect(detailsOf(run.state, counts, null, { wallMillis: 9_000_000, now: run.now }, null).waitingSince).toBe(
      9_000_000,
    );
  });

  test('forget an error once it is over', () => {
    const run = new MachineRun().live();
    run.settle('tail', unreachable);
    expect(detailsOf(run.state, nothing, null, at, null).lastError).toBe('The server cannot be reached.');
    run.pass(60_000).settle('read', page());
    expect(detailsOf(run.state, nothing, null, at, null).lastError).toBe(null);
  });
});

test('the words change by themselves when a minute is over', () => {
  const run = new MachineRun().live();
  expect(statusChangesAt(run.state, run.now)).toBe(null);
  run.edit();
  expect(statusChangesAt(run.state, run.now)).toBe(run.now + 60_001);
  expect(statusChangesAt(run.state, run.now + 60_001)).toBe(null);
});
