import type { ReactElement, ReactNode } from 'react';
import { Menu as AriaMenu, MenuItem, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { Separator } from 'react-aria-components/Separator';
import floating from './floating.module.css';
import { Kbd } from './kbd.tsx';

export type MenuEntry =
  | {
      readonly id: string;
      readonly label: string;
      readonly icon?: ReactNode;
      /** Keys that do the same, as "Ctrl Z". */
      readonly keys?: string;
      readonly danger?: boolean;
      readonly disabled?: boolean;
      readonly onAction: () => void;
    }
  | 'separator';

/** A list of things to do that opens from its trigger, a Button or IconButton of ours. */
export function Menu({
  label,
  trigger,
  entries,
  placement = 'bottom end',
}: {
  readonly label: string;
  readonly trigger: ReactElement;
  readonly entries: readonly MenuEntry[];
  readonly placement?: 'bottom end' | 'bottom start' | 'top end' | 'top start';
}) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className={floating.popover ?? ''} placement={placement} offset={4}>
        <AriaMenu className={floating.list ?? ''} aria-label={label}>
          {entries.map((entry, at) =>
            entry === 'separator' ? (
              // Entries are fixed lists: their place is who they are.
              // oxlint-disable-next-line react/no-array-index-key
              <Separator key={`separator-${at}`} className={floating.separator ?? ''} />
            ) : (
              <MenuItem
                key={entry.id}
                id={entry.id}
                textValue={entry.label}
                className={floating.item ?? ''}
                isDisabled={entry.disabled === true}
                onAction={entry.onAction}
                {...(entry.danger === true && { 'data-danger': true })}
              >
                {entry.icon}
                <span className={floating.grow}>{entry.label}</span>
                {entry.keys !== undefined && <Kbd keys={entry.keys} />}
              </MenuItem>
            ),
          )}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
