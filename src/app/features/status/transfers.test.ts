import { expect, it } from 'vitest';
import type { Status, SyncDetails } from '../../../protocol/status.ts';
import { transfersOf as transfersIn } from './transfers.ts';

const transfersOf = (status: Status, details: SyncDetails) => transfersIn(status, details, false);

const CALM: SyncDetails = {
  serverUrl: 'https://book.example.org',
  lastContactAt: 1,
  waiting: 0,
  waitingSince: null,
  sent: 0,
  retryAt: null,
  clockOffsetMillis: 0,
  quarantined: 0,
  rejected: 0,
  lastError: null,
  refused: null,
  verification: { running: null, last: null },
  progress: null,
  arriving: null,
  history: null,
};

it('shows nothing where nothing is under way', () => {
  expect(transfersOf({ kind: 'synced' }, CALM)).toEqual([]);
});

it('shows what arrives, and that one can work with it', () => {
  const [records] = transfersOf({ kind: 'receiving' }, { ...CALM, arriving: 'first', progress: 0.4 });
  expect(records).toMatchObject({ kind: 'records', words: 'Receiving your records…', share: 0.4, moving: true });
  expect(records?.hint).toBe('You can already work with those that are here.');
  const [nothing] = transfersIn({ kind: 'receiving' }, { ...CALM, arriving: 'first' }, true);
  expect(nothing).toMatchObject({ words: 'Receiving your records…', hint: '', share: null });
});

it('says that records are missing while the server cannot be reached, or does not let this device in', () => {
  const waiting = { ...CALM, arriving: 'waiting' } as const;
  const [away] = transfersOf({ kind: 'offline', waiting: 0 }, waiting);
  expect(away).toMatchObject({ words: 'Not all of your records are here yet.', share: null, moving: false });
  expect(away?.hint).toContain('once the server can be reached');
  const [barred] = transfersOf({ kind: 'offline', waiting: 0 }, { ...waiting, refused: 'Its access was revoked.' });
  expect(barred?.hint).toContain('does not let this device in');
});

it('shows a large upload with what went before, and no small one', () => {
  const [sending] = transfersOf({ kind: 'sending', waiting: 30_000 }, { ...CALM, waiting: 30_000, sent: 10_000 });
  expect(sending).toMatchObject({ kind: 'sending', words: 'Sending 30,000 changes…', share: 0.25 });
  // Nearly done, it is still the same one.
  expect(transfersOf({ kind: 'sending', waiting: 1 }, { ...CALM, waiting: 1, sent: 39_999 })).toHaveLength(1);
  expect(transfersOf({ kind: 'sending', waiting: 3 }, { ...CALM, waiting: 3 })).toEqual([]);
  // Offline, the chip says what there is to say.
  expect(transfersOf({ kind: 'offline', waiting: 30_000 }, { ...CALM, waiting: 30_000 })).toEqual([]);
});

it('shows history once the records are here, but none that does not move', () => {
  const history = { ...CALM, history: { share: 0.12 } };
  expect(transfersOf({ kind: 'synced' }, history)).toMatchObject([{ kind: 'history', share: 0.12 }]);
  expect(transfersOf({ kind: 'sending', waiting: 1 }, { ...history, waiting: 1 })).toMatchObject([{ kind: 'history' }]);
  expect(transfersOf({ kind: 'offline', waiting: 0 }, history)).toEqual([]);
  const both = transfersOf({ kind: 'receiving' }, { ...history, arriving: 'more' });
  // One of them is enough to look at; the chip's words are about the same one.
  expect(both).toMatchObject([{ kind: 'records' }, { kind: 'history' }]);
});
