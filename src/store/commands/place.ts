/** Where things that a person puts in order go: types, fields, options. */
import { keyBetween, keysBetween } from '../../core/order.ts';
import type { EntityId } from '../../core/ids.ts';

interface Placed {
  readonly id: EntityId;
  readonly order: string;
}

/** A key behind all of these. */
export function orderAtEnd(siblings: readonly Placed[]): string {
  return keyBetween(siblings.at(-1)?.order ?? null, null);
}

/**
 * The keys that change when `id` goes behind `after` (null: first). Nearly always its own alone; where two siblings have
 * the same key, so that nothing fits between them, all are spaced out again. Null when `after` is not among them.
 * @param siblings in order
 */
export function reorder(
  siblings: readonly Placed[],
  id: EntityId,
  after: EntityId | null,
): Map<EntityId, string> | null {
  const others = siblings.filter((sibling) => sibling.id !== id);
  const at = after === null ? 0 : others.findIndex((sibling) => sibling.id === after) + 1;
  if (after !== null && at === 0) return null;
  const before = others[at - 1]?.order ?? null;
  const behind = others[at]?.order ?? null;
  const key = keyBetween(before, behind);
  if ((before === null || key > before) && (behind === null || key < behind)) return new Map([[id, key]]);
  const ids = others.map((sibling) => sibling.id).toSpliced(at, 0, id);
  const keys = keysBetween(null, null, ids.length);
  return new Map(ids.map((each, i) => [each, keys[i] ?? '']));
}
