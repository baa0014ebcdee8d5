import { describe, expect, it } from 'vitest';
import type { EntityId } from '../../../core/ids.ts';
import { placeAfter } from './move-buttons.tsx';

const [a, b, c] = ['a', 'b', 'c'] as unknown as readonly [EntityId, EntityId, EntityId];
const all = [a, b, c].map((id) => ({ id }));

describe('placeAfter', () => {
  it('goes up one place: after the one before the one before, or first', () => {
    expect(placeAfter(all, c, 'up')).toBe(a);
    expect(placeAfter(all, b, 'up')).toBe(null);
  });

  it('goes down one place: after the next', () => {
    expect(placeAfter(all, a, 'down')).toBe(b);
  });

  it('goes nowhere at the end', () => {
    expect(placeAfter(all, a, 'up')).toBe(undefined);
    expect(placeAfter(all, c, 'down')).toBe(undefined);
    expect(placeAfter([], a, 'down')).toBe(undefined);
  });
});
