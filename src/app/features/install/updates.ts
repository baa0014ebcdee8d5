/** New versions of the app: found in the background, used when the person says so. */
import { Cell } from '../../link/cell.ts';

export type Update =
  | { readonly kind: 'none' }
  /** A new version is installed and waits for a click. */
  | { readonly kind: 'ready' }
  /** Another tab has moved on to the new version; this page still runs the old one. */
  | { readonly kind: 'replaced' };

const NONE: Update = { kind: 'none' };
const ASK_EVERY_MILLIS = 60 * 60_000;
/** Coming back to the tab asks again, at most so often. */
const ASK_AGAIN_MILLIS = 5 * 60_000;

const cell = new Cell<Update>(NONE);
export const update: Pick<Cell<Update>, 'getSnapshot' | 'subscribe'> = cell;

let registration: ServiceWorkerRegistration | null = null;
/** Whether the person asked this tab for the new version. */
let accepted = false;

/** Registers the service worker of a built app. Never rejects: where there is none, the app works while there is a network. */
export async function registerServiceWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  let controlled = serviceWorker.controller !== null;
  serviceWorker.addEventListener('controllerchange', () => {
    // The first worker of all takes nothing away from the page.
    if (controlled) {
      if (accepted) location.reload();
      else cell.set({ kind: 'replaced' });
    }
    controlled = true;
  });
  // A part of the app did not come. Where the server has another build by now, only a reload can help; where the network
  // is gone, a reload would lose the page too.
  addEventListener('vite:preloadError', () => {
    void isReplaced().then((replaced) => replaced && cell.set({ kind: 'replaced' }));
  });
  try {
    registration = await serviceWorker.register('/service-worker.js', { updateViaCache: 'none' });
  } catch (error) {
    console.warn('Daybook cannot start offline here:', error);
    return;
  }
  follow(registration);
  let asked = Date.now();
  const ask = () => {
    asked = Date.now();
    registration?.update().catch(() => undefined);
  };
  setInterval(ask, ASK_EVERY_MILLIS);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && Date.now() - asked > ASK_AGAIN_MILLIS) ask();
  });
}

/** Moves on to the new version: the page reloads as soon as it is in charge. Only ever call it on the person's click. */
export function acceptUpdate(): void {
  const waiting = registration?.waiting;
  if (cell.getSnapshot().kind === 'replaced' || !waiting) {
    location.reload();
    return;
  }
  accepted = true;
  waiting.postMessage('activate');
}

/** Whether the server hands out another build than this page runs; false when it cannot be asked. */
async function isReplaced(): Promise<boolean> {
  const own = document.querySelector('script[type=module][src]')?.getAttribute('src');
  if (own == null) return false;
  try {
    const page = await fetch('/', { cache: 'no-store' });
    return page.ok && !(await page.text()).includes(own);
  } catch {
    return false;
  }
}

function follow(found: ServiceWorkerRegistration): void {
  const look = () => {
    // Without a controller it is the first version ever, which needs no asking.
    if (found.waiting && navigator.serviceWorker.controller) cell.set({ kind: 'ready' });
  };
  look();
  found.addEventListener('updatefound', () => {
    const coming = found.installing;
    coming?.addEventListener('statechange', () => coming.state === 'installed' && look());
  });
}
