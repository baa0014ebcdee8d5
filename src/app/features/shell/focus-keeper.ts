/**
 * Focus does not fall to nowhere when what had it goes away, as an item does that was dealt with: it moves to the item that
 * stands in its place now, else to the part of the page it was in, else to the name of the screen. None of these does
 * anything when it is pressed; Tab goes on from there.
 */

/** Where focus was last: the element and all around it up to `main`, each with its number among its siblings. */
type Trail = readonly { readonly element: HTMLElement; readonly index: number }[];

/** What floats above the page: who is in there comes back. */
const FLOATING = '[role=dialog], [role=alertdialog], [role=menu], [role=listbox]';
const PARTS = 'section, article, [role=region], [role=tabpanel], li';

/** @param heading the name of the screen; returns what ends it */
export function keepFocus(main: HTMLElement, heading: () => HTMLElement | null): () => void {
  let trail: Trail = [];
  let asked = false;

  const remember = (event: FocusEvent) => {
    if (!(event.target instanceof HTMLElement)) return;
    if (main.contains(event.target)) trail = trailOf(event.target, main);
    else if (event.target.closest(FLOATING) === null) trail = [];
  };
  /** Who points at something else has left it. */
  const leave = ({ target }: PointerEvent) => {
    if (!(target instanceof Element) || target.closest(FLOATING) !== null) return;
    if (trail[0]?.element.contains(target) !== true) trail = [];
  };
  const settle = () => {
    asked = false;
    const [last] = trail;
    if (last === undefined || last.element.isConnected || document.activeElement !== document.body) return;
    const next = standIn(trail);
    trail = [];
    if (next === null) {
      heading()?.focus({ preventScroll: true });
    } else {
      if (!next.hasAttribute('tabindex')) next.tabIndex = -1;
      next.focus();
    }
  };
  const observer = new MutationObserver(() => {
    const [last] = trail;
    if (asked || last === undefined || last.element.isConnected || document.activeElement !== document.body) return;
    asked = true;
    // Whoever has a better place for it takes it there within a frame, as a window does that closes.
    requestAnimationFrame(() => requestAnimationFrame(settle));
  });
  // All of the page, not only `main`: the last that had focus may be a window, opened from what is gone meanwhile.
  observer.observe(document.body, { childList: true, subtree: true });
  document.addEventListener('focusin', remember);
  document.addEventListener('pointerdown', leave, true);
  return () => {
    observer.disconnect();
    document.removeEventListener('focusin', remember);
    document.removeEventListener('pointerdown', leave, true);
  };
}

function trailOf(target: HTMLElement, main: HTMLElement): Trail {
  const trail: { element: HTMLElement; index: number }[] = [];
  for (
    let element: HTMLElement | null = target;
    element !== null && element !== main;
    element = element.parentElement
  ) {
    trail.push({ element, index: Array.prototype.indexOf.call(element.parentElement?.children ?? [], element) });
  }
  return trail;
}

/** What stands there now; null when nothing of it is left. */
function standIn(trail: Trail): HTMLElement | null {
  const gone = trail.findLastIndex(({ element }) => !element.isConnected);
  const around = trail.slice(gone + 1).map(({ element }) => element);
  const [parent] = around;
  const lost = trail[gone];
  if (lost?.element.matches('li, section') === true && parent !== undefined) {
    const now = parent.children[Math.min(lost.index, parent.children.length - 1)];
    if (now instanceof HTMLElement && now.tagName === lost.element.tagName) return now;
  }
  return around.find((element) => element.matches(PARTS)) ?? null;
}
