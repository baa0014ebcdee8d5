import { Check } from 'lucide-react';
import { type RefObject, useRef, useState } from 'react';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import type { Field } from '../../../core/query.ts';
import type { JsonValue } from '../../../core/value.ts';
import { chosenIn } from './chosen.ts';
import { Chip } from '../../ui/chip.tsx';
import floating from '../../ui/floating.module.css';

const NONE = 'none';

/** Options to choose from, opened below a cell or a field. One: chosen at once. Several: taken when it closes. */
export function OptionList({
  field,
  value,
  anchor,
  onDone,
}: {
  readonly field: Field;
  readonly value: JsonValue | undefined;
  readonly anchor: RefObject<HTMLElement | null>;
  /** The value chosen; undefined when nothing was to change. */
  readonly onDone: (value: JsonValue | undefined) => void;
}) {
  const many = field.kind === 'multiSelect';
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(chosenIn(value)));
  const touched = useRef(false);
  const finish = () =>
    onDone(many && touched.current ? (chosen.size === 0 ? null : inOrder(field, chosen)) : undefined);
  return (
    <Popover
      className={floating.popover ?? ''}
      triggerRef={anchor}
      isOpen
      onOpenChange={(open) => !open && finish()}
      placement="bottom start"
      offset={2}
    >
      {/* A list with its own role: dialog would hide that. */}
      <ListBox
        aria-label={field.name}
        className={floating.list ?? ''}
        autoFocus={chosen.size > 0 ? true : 'first'}
        selectionMode={many ? 'multiple' : 'single'}
        escapeKeyBehavior="none"
        selectedKeys={chosen}
        onSelectionChange={(keys) => {
          const next = new Set([...(keys === 'all' ? [] : keys)].map(String));
          touched.current = true;
          if (many) setChosen(next);
          else onDone([...next].find((id) => id !== NONE) ?? null);
        }}
        renderEmptyState={() => <div className={floating.none}>No options yet. Add some under Edit fields.</div>}
      >
        {field.options.map((option) => (
          <ListBoxItem key={option.id} id={option.id} textValue={option.name} className={floating.item ?? ''}>
            <span className={floating.grow}>
              <Chip name={option.name} tint={option.tint} />
            </span>
            <Check aria-hidden className={floating.check} />
          </ListBoxItem>
        ))}
        {!many && value !== undefined && value !== null && (
          <ListBoxItem id={NONE} textValue="None" className={floating.item ?? ''}>
            <span className={floating.grow}>None</span>
          </ListBoxItem>
        )}
      </ListBox>
    </Popover>
  );
}

/** As the field lists them. An option that was taken off the list cannot be chosen again; history keeps it. */
const inOrder = (field: Field, chosen: ReadonlySet<string>): JsonValue =>
  field.options.map((option) => option.id).filter((id) => chosen.has(id));
