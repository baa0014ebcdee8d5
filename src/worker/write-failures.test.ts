import { expect, it } from 'vitest';
import type { WriteFailure } from '../sync/status.ts';
import { WriteFailures } from './write-failures.ts';

const FULL: WriteFailure = { reason: 'full', message: 'database or disk is full' };

function failures() {
  const told: (string | null)[] = [];
  return { told, failures: new WriteFailures((failure) => told.push(failure && failure.reason)) };
}

it('[SYNC-7] is told until something is written, whoever wrote it', () => {
  const { told, failures: made } = failures();
  const [a, b] = [{}, {}];
  made.wrote();
  expect(told).toEqual([]);
  made.failed(a, FULL);
  made.failed(b, FULL);
  made.wrote();
  made.wrote();
  expect(told).toEqual(['full', 'full', null]);
});

it('[SYNC-7] is told no longer once everybody whose write failed has given it up, and not before', () => {
  const { told, failures: made } = failures();
  const [a, b, c] = [{}, {}, {}];
  made.failed(a, FULL);
  made.failed(b, FULL);
  made.letGo(c);
  made.letGo(a);
  made.letGo(a);
  expect(told).toEqual(['full', 'full']);
  made.letGo(b);
  expect(told).toEqual(['full', 'full', null]);
  made.failed(a, FULL);
  expect(told.at(-1)).toBe('full');
});
