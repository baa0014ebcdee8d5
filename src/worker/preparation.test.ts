import { expect, test, vi } from 'vitest';
import { Preparation } from './preparation.ts';

const breathe = (): Promise<void> => Promise.resolve();

test('a part at a time, until nothing is left', async () => {
  let left = 3;
  const turns: string[] = [];
  await new Preparation({
    step: () => {
      turns.push('part');
      left -= 1;
      return left > 0;
    },
    onProgress: () => turns.push('told'),
    breathe: async () => void turns.push('others'),
    after: () => () => {},
  }).run();
  expect(turns).toEqual(['others', 'part', 'told', 'others', 'part', 'told', 'others', 'part', 'told']);
});

test('what cannot be written is tried again later, and not after it was stopped', async () => {
  const complaints = vi.spyOn(console, 'error').mockReturnValue();
  const later: (() => void)[] = [];
  let steps = 0;
  const preparation = new Preparation({
    step: () => {
      steps += 1;
      throw new Error('the disk is full');
    },
    onProgress: () => {},
    breathe,
    after: (_, run) => {
      later.push(run);
      return () => void later.splice(0);
    },
  });
  await preparation.run();
  expect([steps, later.length, complaints.mock.calls.length]).toEqual([1, 1, 1]);
  later.shift()?.();
  await vi.waitFor(() => expect([steps, later.length]).toEqual([2, 1]));
  preparation.stop();
  expect(later).toEqual([]);
  await preparation.run();
  expect(steps).toBe(2);
  complaints.mockRestore();
});
