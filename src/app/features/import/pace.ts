/** Longest that work may keep the page from answering, in milliseconds. */
const SLICE_MILLIS = 10;

/**
 * For long loops on the page's own thread: await it every so often, and it lets the page answer whenever a slice of time
 * is used up. Rejects with the signal's reason once the signal is aborted.
 */
export function startPace(signal?: AbortSignal): () => Promise<void> {
  let since = performance.now();
  return async () => {
    signal?.throwIfAborted();
    if (performance.now() - since < SLICE_MILLIS) return;
    await breathe();
    signal?.throwIfAborted();
    since = performance.now();
  };
}

/** Resolves after the page has had its turn. A message comes back at once, where a timer would wait 4 ms. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
