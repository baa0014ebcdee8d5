/** Keys that work anywhere on a screen. */
import { useEffect, useEffectEvent } from 'react';

const mac = /Mac|iP(hone|ad|od)/.test(navigator.platform);

/** What the key beside the space bar is called here. */
export const CONTROL = mac ? '⌘' : 'Ctrl';

export interface Shortcut {
  /** As KeyboardEvent.key says it; letters in lower case. */
  readonly key: string;
  /** With Control, or Command on a Mac. */
  readonly control?: boolean;
  readonly shift?: boolean;
  readonly run: () => void;
}

/**
 * Runs shortcuts of a screen, before any control sees the key: those that take keys of their own are left alone. These are
 * places where one types, the table (where letters type too), and whatever is open above the page.
 */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    const control = mac ? event.metaKey : event.ctrlKey;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const found = shortcuts.find(
      (each) =>
        each.key === key &&
        (each.control ?? false) === control &&
        // The shift of ? and / differs from keyboard to keyboard.
        (/[a-z]/i.test(each.key) ? (each.shift ?? false) === event.shiftKey : true),
    );
    if (!found || takesKeys(event.target, found)) return;
    event.preventDefault();
    event.stopPropagation();
    found.run();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKeyDown(event);
    addEventListener('keydown', listen, { capture: true });
    return () => removeEventListener('keydown', listen, { capture: true });
  }, []);
}

/** Whether the place where a key was pressed has a use for it itself. */
function takesKeys(target: EventTarget | null, { key, control = false }: Shortcut): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('[role=dialog], [role=alertdialog], [role=menu], [role=listbox]')) return true;
  const typing = target.closest('input:not([type=checkbox], [type=radio]), textarea, select');
  if (typing === null) return target.closest('[role=grid]') !== null && !control;
  // Where nothing was typed yet, Control+Z is about the last edit, and Escape about what is open.
  if (typing.hasAttribute('data-kept'))
    return !control && !(key === 'Escape' && typing.closest('[role=grid]') === null);
  return !(key === 'Escape' && typing.getAttribute('aria-expanded') === 'false');
}
