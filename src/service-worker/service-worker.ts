/**
 * Starts the app without a network: every file of one build is kept when that build is installed, and served from there.
 * The sync server's own paths (`/v1/`) are never touched. A new build waits until the person asks for it.
 */
import { PrecacheController } from 'workbox-precaching';

declare const self: ServiceWorkerGlobalScope;

/** The page of the app, which answers for every address that a person may have open. */
const PAGE = '/index.html';

const files = new PrecacheController();
files.addToCacheList(self.__WB_MANIFEST);
const answerPage = files.createHandlerBoundToURL(PAGE);

self.addEventListener('install', (event) => void files.install(event));

self.addEventListener('activate', (event) => void files.activate(event));

self.addEventListener('message', (event) => {
  if (event.data === 'activate') void self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || url.pathname.startsWith('/v1/')) return;
  if (request.mode === 'navigate') {
    // An address with a dot in its last part is a file: one that is not kept is the server's to find.
    if (!url.pathname.slice(url.pathname.lastIndexOf('/')).includes('.')) {
      event.respondWith(answerPage({ event, request, url }));
    }
    return;
  }
  if (files.getCacheKeyForURL(url.pathname) === undefined) return;
  event.respondWith(files.createHandlerBoundToURL(url.pathname)({ event, request, url }));
});
