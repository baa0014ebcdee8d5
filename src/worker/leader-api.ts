/** The LeaderApi for one tab: what it may ask, and the subscriptions that end with it. */
import type { LeaderApi } from '../protocol/tabs.ts';
import type { Book } from './book.ts';
import { Push } from './push.ts';
import * as Comlink from 'comlink';

/** Serves the book on a port. Returns what ends every subscription made through it. */
export function serveLeaderApi(book: Book, port: MessagePort): () => void {
  const { store, accounts, transfers } = book;
  /** Each with what frees its listener. */
  const subscriptions = new Map<number, () => void>();
  const statusListeners: (() => void)[] = [];
  const tab = {};

  const api: LeaderApi = {
    ping: () => Promise.resolve(),

    execute: (request) => book.change(tab, () => store.execute(request)),
    undo: (id, force) => book.change(tab, () => store.undo(id, force)),
    redo: (id, force) => book.change(tab, () => store.redo(id, force)),
    letGo: async () => book.letGo(tab),

    query: (query) => book.ask(() => store.answer(query)),
    subscribe: async (query, onAnswer) => {
      const { push } = new Push<[string]>(async (answer) => onAnswer(answer));
      const subscription = await book.ask(() => store.subscriptions.add(query, push));
      subscriptions.set(subscription, () => free(onAnswer));
      return subscription;
    },
    unsubscribe: async (subscription) => unsubscribe(subscription),

    subscribeStatus: async (onStatus) => {
      const { push } = new Push<Parameters<typeof onStatus>>(async (...status) => onStatus(...status));
      const stop = book.status.listen(push);
      return statusListeners.push(() => {
        stop();
        free(onStatus);
      });
    },
    syncNow: async () => book.syncNow(),
    verify: async () => book.verify(),
    stopVerifying: async () => book.stopVerifying(),

    account: async () => accounts.account(),
    probe: (serverUrl) => accounts.probe(serverUrl),
    claim: (request) => accounts.claim(request),
    join: (request) => accounts.join(request),
    createLink: (request) => accounts.createLink(request),
    devices: () => accounts.devices(),
    renameDevice: (clientId, name) => accounts.renameDevice(clientId, name),
    revokeDevice: (clientId) => accounts.revokeDevice(clientId),
    disconnect: () => accounts.disconnect(),

    retryThings: (kind, id) => book.attention.retry(kind, id),
    discardThings: async (kind, id) => book.attention.discard(kind, id),
    exportThings: async (kind, id, after) => book.attention.export(kind, id, after),

    backup: async () => {
      const bytes = await book.ask(() => store.export());
      return Comlink.transfer(bytes, [bytes.buffer]);
    },
    examineBackup: (file, onProgress) => telling(onProgress, (tell) => transfers.examineBackup(file, tell)),
    mergeBackup: (token, onProgress) => telling(onProgress, (tell) => transfers.mergeBackup(token, tell)),
    replaceBook: (token) => transfers.replaceBook(token),
    dropBackup: () => transfers.dropBackup(),
    keptBook: () => transfers.keptBook(),
    exportKept: () => transfers.exportKept(),
    removeKept: () => transfers.removeKept(),
    exportLines: async (place) => transfers.exportLines(place),
    examineLines: (file, onProgress) => telling(onProgress, (tell) => transfers.examineLines(file, tell)),
    takeLines: (file, onProgress) => telling(onProgress, (tell) => transfers.takeLines(file, tell)),
    storage: () => book.storage(),
    prunable: (since) => book.countShortened(since),
    prune: async (since, onProgress) => {
      const { push } = new Push<[number | null]>(async (share) => onProgress(share));
      try {
        return await book.shorten(since, push);
      } finally {
        free(onProgress);
      }
    },

    examine: async (onProgress) => {
      const { push } = new Push<Parameters<typeof onProgress>>(async (progress) => onProgress(progress));
      try {
        return await book.examination.run(push);
      } finally {
        free(onProgress);
      }
    },
    stopExamining: async () => book.examination.stop(),
    mend: async (checks) => book.mend(checks),
    repairNote: async () => store.repairNote(),
    dismissRepairNote: async () => store.dismissRepairNote(),
    damagedFiles: () => book.setAside.list(),
    damagedFile: (name) => book.setAside.files(name),
    deleteDamagedFile: async (name) => book.setAside.remove(name),
  };
  Comlink.expose(api, port);

  function unsubscribe(subscription: number): void {
    const freeListener = subscriptions.get(subscription);
    if (!freeListener) return;
    subscriptions.delete(subscription);
    store.subscriptions.remove(subscription);
    freeListener();
  }

  return () => {
    for (const subscription of [...subscriptions.keys()]) unsubscribe(subscription);
    for (const stop of statusListeners.splice(0)) stop();
    book.letGo(tab);
  };
}

/** Tells the tab how far its call has come, in hundredths and no faster than it listens. */
async function telling<T>(
  onProgress: (done: number) => void,
  run: (tell: (done: number) => void) => Promise<T>,
): Promise<T> {
  const { push } = new Push<[number]>(async (done) => onProgress(done));
  let told = -1;
  try {
    return await run((done) => {
      const share = Math.floor(done * 100) / 100;
      if (share !== told) push(share);
      told = share;
    });
  } finally {
    free(onProgress);
  }
}

/** Closes the port behind a listener of the tab. */
function free(listener: unknown): void {
  (listener as Comlink.ProxyMethods)[Comlink.releaseProxy]();
}
