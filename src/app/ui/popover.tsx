import type { ReactElement, ReactNode } from 'react';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover as AriaPopover } from 'react-aria-components/Popover';
import floating from './floating.module.css';
import styles from './popover.module.css';

/** A small panel that opens from its trigger, a Button of ours. */
export function Popover({
  label,
  trigger,
  children,
  placement = 'bottom end',
  isOpen,
  onOpenChange,
}: {
  readonly label: string;
  readonly trigger: ReactElement;
  readonly children: ReactNode | ((close: () => void) => ReactNode);
  readonly placement?: 'bottom end' | 'bottom start' | 'top end' | 'top start';
  readonly isOpen?: boolean;
  readonly onOpenChange?: (open: boolean) => void;
}) {
  return (
    <DialogTrigger {...(isOpen !== undefined && { isOpen })} {...(onOpenChange && { onOpenChange })}>
      {trigger}
      <AriaPopover className={floating.popover ?? ''} placement={placement} offset={6}>
        <Dialog aria-label={label} className={styles.panel ?? ''}>
          {({ close }) => (typeof children === 'function' ? children(close) : children)}
        </Dialog>
      </AriaPopover>
    </DialogTrigger>
  );
}
