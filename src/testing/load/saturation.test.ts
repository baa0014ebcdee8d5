import { describe, expect, test } from 'vitest';
import { busiest, limitOf, timesOf, watchLoad, type ClientLoad } from './saturation.ts';

const client = (loop: number): ClientLoad => ({ loop, cpu: loop, delayMillis: 1 });

describe('what held a figure down', () => {
  test('a client without time left, whatever the server did', () => {
    expect(limitOf({ clients: [client(0.2), client(0.95)], server: 1, machine: 1 })).toBe('client');
    expect(limitOf({ clients: [client(0.95)], server: null, machine: 0.5 })).toBe('client');
  });

  test('the server, while clients had time left', () => {
    expect(limitOf({ clients: [client(0.6)], server: 0.97, machine: 0.99 })).toBe('server');
  });

  test('the machine, when nobody had a core to themselves', () => {
    expect(limitOf({ clients: [client(0.7)], server: 0.7, machine: 0.97 })).toBe('machine');
    expect(limitOf({ clients: [client(0.7)], server: null, machine: 0.97 })).toBe('machine');
  });

  test('the disk and the way there, when nobody was busy', () => {
    expect(limitOf({ clients: [client(0.1)], server: 0.2, machine: 0.4 })).toBe('waiting');
  });
});

test('the busiest of several clients is the worst of each', () => {
  expect(
    busiest([
      { loop: 0.5, cpu: 0.9, delayMillis: 3 },
      { loop: 0.7, cpu: 0.2, delayMillis: 1 },
    ]),
  ).toEqual({ loop: 0.7, cpu: 0.9, delayMillis: 3 });
});

test('a process that does nothing but count is seen as busy, one that waits is not', async () => {
  const stopBusy = watchLoad();
  const until = performance.now() + 60;
  await new Promise<void>((resolve) => {
    setImmediate(() => {
      while (performance.now() < until);
      resolve();
    });
  });
  const busy = stopBusy();
  const stopIdle = watchLoad();
  await new Promise((resolve) => setTimeout(resolve, 60));
  const idle = stopIdle();
  expect(busy.loop).toBeGreaterThan(idle.loop);
  expect(busy.cpu).toBeGreaterThan(idle.cpu);
});

test('times are told by rank, and of none by no number', () => {
  const millis = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(timesOf(millis)).toEqual({ count: 100, p50: 50, p99: 99 });
  expect(timesOf([])).toEqual({ count: 0, p50: Number.NaN, p99: Number.NaN });
});
