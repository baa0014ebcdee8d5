/** New versions of the app: found in the background, used when the person says so. */
import { Cell } from '../../link/cell.ts';

export type Update =
  | { readonly kind: 'none' }
  /** A new version is installed and waits for a click. */
  | { readonly kind: 'ready' }
  /** The person asked this tab for it: the page reloads as soon as nothing typed is unsaved. */
  | { readonly kind: 'due' }
  /** Another tab has moved on to the new version; this page still runs the old one. */
  | { readonly kind: 'replaced' };

const NONE: Update = { kind: 'none' };
const ASK_EVERY_MILLIS = 60 * 60_000;
/** Coming back to the tab asks again, at most so often. */
const ASK_AGAIN_MILLIS = 5 * 60_000;
/**
 * A request that comes while the old service worker is stopped starts it again, and Chromium then forgets the change until a
 * page of it goes, for as long as five minutes. Seen in one of seven clicks right after the start, with two tabs open.
 */
const PATIENCE_MILLIS = 3_000;

/** Where the service worker has the page that it answers every address with, but those whose last part has a dot. */
const KEPT_PAGE = '/index.html';
const MAY_BE_FILE = /\.[^/]*$/;

const cell = new Cell<Update>(NONE);
export const update: Pick<Cell<Update>, 'getSnapshot' | 'subscribe'> = cell;

let registration: ServiceWorkerRegistration | null = null;
/** Whether the person asked this tab for the new version. */
let accepted = false;

/** Registers the service worker of a built app. Never rejects: where there is none, the app works while there is a network. */
export async function registerServiceWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  const startedControlled = serviceWorker.controller !== null;
  let controlled = startedControlled;
  serviceWorker.addEventListener('controllerchange', () => {
    // The first worker of all takes nothing away from the page.
    if (controlled) cell.set({ kind: accepted ? 'due' : 'replaced' });
    controlled = true;
  });
  // A part of the app did not come. Where the server has another build by now, only a reload can help; where the network
  // is gone, a reload would lose the page too.
  addEventListener('vite:preloadError', () => {
    void lookForReplacement();
  });
  try {
    registration = await serviceWorker.register('/service-worker.js', { updateViaCache: 'none' });
  } catch (error) {
    console.warn('Daybook cannot start offline here:', error);
    return;
  }
  follow(registration);
  // A page that comes while the new worker takes over may be the old one's, and hears nothing of the change any more.
  if (startedControlled) void lookForReplacement();
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

/** Moves on to the new version: it is `due` once it is in charge, or when that takes too long. Only ever call it on the person's click. */
export function acceptUpdate(): void {
  const waiting = registration?.waiting;
  if (cell.getSnapshot().kind !== 'ready' || !waiting) {
    location.reload();
    return;
  }
  accepted = true;
  waiting.postMessage('activate');
  setTimeout(() => cell.set({ kind: 'due' }), PATIENCE_MILLIS);
}

/**
 * Looks whether a reload would bring another build than this one; where that cannot be asked it would not. What the server has is
 * of no use while a service worker answers with the page it keeps: the page would be loaded again and again.
 */
async function lookForReplacement(): Promise<void> {
  const isKept = navigator.serviceWorker.controller !== null && !MAY_BE_FILE.test(location.pathname);
  const own = Array.from(document.querySelectorAll('script[type=module][src]'), (script) =>
    script.getAttribute('src')!,
  );
  try {
    const page = await fetch(isKept ? KEPT_PAGE : '/', { cache: 'no-store' });
    if (!page.ok) return;
    const text = await page.text();
    if (own.some((name) => !text.includes(name))) cell.set({ kind: 'replaced' });
  } catch {
    // No network: what runs here is all there is.
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
