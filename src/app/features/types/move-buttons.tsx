import { ArrowDown, ArrowUp } from 'lucide-react';
import type { EntityId } from '../../../core/ids.ts';
import { IconButton } from '../../ui/icon-button.tsx';

/** Things in order, as far as moving one needs to know them. */
export type Ordered = readonly { readonly id: EntityId }[];

/** What a thing comes to stand after when it goes one place up or down; undefined at the end. */
export function placeAfter(all: Ordered, id: EntityId, direction: 'up' | 'down'): EntityId | null | undefined {
  const at = all.findIndex((each) => each.id === id);
  if (at < 0) return undefined;
  if (direction === 'down') return all[at + 1]?.id;
  if (at === 0) return undefined;
  return all[at - 2]?.id ?? null;
}

/** One place up, one place down. */
export function MoveButtons({
  name,
  all,
  id,
  onMove,
}: {
  readonly name: string;
  readonly all: Ordered;
  readonly id: EntityId;
  readonly onMove: (after: EntityId | null) => void;
}) {
  const up = placeAfter(all, id, 'up');
  const down = placeAfter(all, id, 'down');
  return (
    <>
      <IconButton
        label={`Move ${name} up`}
        icon={<ArrowUp aria-hidden />}
        isDisabled={up === undefined}
        onPress={() => up !== undefined && onMove(up)}
      />
      <IconButton
        label={`Move ${name} down`}
        icon={<ArrowDown aria-hidden />}
        isDisabled={down === undefined}
        onPress={() => down !== undefined && onMove(down)}
      />
    </>
  );
}
