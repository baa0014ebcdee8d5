/**
 * Sort keys for things that a person puts in order (types, fields, options): text that sorts bytewise, so that moving one
 * thing changes one attribute of it alone. The keys are those of fractional-indexing.
 */
import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing';

/** Longest key that counts as one: a person does not get there, and a hostile key must not grow every key beside it. */
const MAX_KEY_LENGTH = 1_000;

/**
 * A key that sorts after `a` and before `b`; null stands for the end on that side. Never throws, since neighbours may have
 * come from anywhere: a neighbour that is no key is passed over, and where `b` does not lie behind `a` (two devices put
 * something in the same place) the key comes after `a`.
 */
export function keyBetween(a: string | null, b: string | null): string {
  const [low, high] = bounds(a, b);
  return generateKeyBetween(low, high);
}

/** `count` keys between `a` and `b`, ascending and evenly spread; as `keyBetween` otherwise. */
export function keysBetween(a: string | null, b: string | null, count: number): string[] {
  const [low, high] = bounds(a, b);
  return generateNKeysBetween(low, high, count);
}

/** Whether a text is a key that others can be placed beside. */
export function isOrderKey(text: string): boolean {
  if (text.length > MAX_KEY_LENGTH || !/^[0-9A-Za-z]+$/.test(text)) return false;
  try {
    generateKeyBetween(text, null);
    generateKeyBetween(null, text);
    return true;
  } catch {
    return false;
  }
}

function bounds(a: string | null, b: string | null): [string | null, string | null] {
  const low = a !== null && isOrderKey(a) ? a : null;
  const high = b !== null && isOrderKey(b) ? b : null;
  return low !== null && high !== null && low >= high ? [low, null] : [low, high];
}
