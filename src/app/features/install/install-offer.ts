/** The browser's offer to install the app, kept until the person wants it. */
import { Cell } from '../../link/cell.ts';

/** Chromium's event; other browsers install from their own menus. */
interface InstallPrompt extends Event {
  prompt(): Promise<{ readonly outcome: 'accepted' | 'dismissed' }>;
}

const cell = new Cell<InstallPrompt | null>(null);

/** Whether installing can be offered now. */
export const installOffer: Pick<Cell<InstallPrompt | null>, 'getSnapshot' | 'subscribe'> = cell;

/** Whether the app runs in a window of its own. */
export const isInstalled = (): boolean => matchMedia('(display-mode: standalone)').matches;

/** Listens for the offer. Call once per page, early: it comes once. */
export function watchInstallOffer(): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    cell.set(event as InstallPrompt);
  });
  addEventListener('appinstalled', () => cell.set(null));
}

/** Shows the browser's own question; answers whether the person agreed. */
export async function install(): Promise<boolean> {
  const prompt = cell.getSnapshot();
  if (prompt === null) return false;
  // An offer can be taken once.
  cell.set(null);
  return (await prompt.prompt()).outcome === 'accepted';
}
