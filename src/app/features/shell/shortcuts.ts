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
 * Runs shortcuts of a screen. Plain letters are left alone where one types, and everything where a window, menu or list is
 * open above the page.
 */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest('[role=dialog], [role=alertdialog], [role=menu], [role=listbox]')) return;
    const control = mac ? event.metaKey : event.ctrlKey;
    const typing = target?.closest('input:not([type=checkbox], [type=radio]), textarea, select') ?? null;
    // Where nothing was typed yet, Control+Z is about the last edit and not about typing.
    const kept = control && typing?.hasAttribute('data-kept') === true;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const found = shortcuts.find(
      (each) =>
        each.key === key &&
        (each.control ?? false) === control &&
        // The shift of ? and / differs from keyboard to keyboard.
        (/[a-z]/i.test(each.key) ? (each.shift ?? false) === event.shiftKey : true),
    );
    if (!found || (typing !== null && !kept && found.key !== 'Escape')) return;
    event.preventDefault();
    found.run();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKeyDown(event);
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
}
