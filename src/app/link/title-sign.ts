/**
 * Writes the title of this tab on a Web Lock while it leads: should the tab freeze, the others can still read there
 * which one holds the data.
 */
import { LEADER_LOCK, TITLE_LOCK_PREFIX } from '../../protocol/tabs.ts';

export class TitleSign {
  #takeDown: (() => void) | null = null;
  readonly #observer = new MutationObserver(() => this.#write());

  put(): void {
    this.#observer.observe(document.head, { childList: true, characterData: true, subtree: true });
    this.#write();
  }

  remove(): void {
    this.#observer.disconnect();
    this.#takeDown?.();
    this.#takeDown = null;
  }

  #write(): void {
    this.#takeDown?.();
    const shown = new Promise<void>((resolve) => (this.#takeDown = resolve));
    void navigator.locks.request(TITLE_LOCK_PREFIX + document.title, { mode: 'shared' }, () => shown);
  }
}

/** Title of the tab that leads; null when none does; empty when it does not say. */
export async function titleOfLeader(): Promise<string | null> {
  const locks = (navigator as Partial<Navigator>).locks;
  if (!locks) return null;
  const { held = [] } = await locks.query();
  if (!held.some((lock) => lock.name === LEADER_LOCK)) return null;
  const sign = held.find((lock) => lock.name?.startsWith(TITLE_LOCK_PREFIX));
  return sign?.name?.slice(TITLE_LOCK_PREFIX.length) ?? '';
}
