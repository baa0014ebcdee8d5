/** Two books that exchange bundles through a stream in memory, as through a server that never fails. */
import type { BookId, BundleId, UserId } from '../core/ids.ts';
import type { SyncStore } from '../sync/ports.ts';
import type { TestBook } from './test-book.ts';

/** A book's stream: messages in the order in which they came. */
export class MemoryStream {
  readonly messages: unknown[] = [];
  readonly #ids = new Set<BundleId>();

  append(id: BundleId, message: string): void {
    if (this.#ids.has(id)) return;
    this.#ids.add(id);
    this.messages.push(JSON.parse(message));
  }
}

/** Joins a book to a stream, under the account's ids. */
export function link(book: TestBook, bookId: BookId, userId: UserId): void {
  book.store.adoptBook(bookId, userId);
}

/** Sends all there is to send, then applies all there is to apply. The store is used through the port that sync has. */
export function exchange(
  book: TestBook,
  stream: MemoryStream,
  serverMillis = book.clock.now(),
): { applied: number; quarantined: number } {
  const sync: SyncStore = book.store.sync;
  push(book, stream);
  const from = Number(sync.cursor() ?? 0);
  const { events, quarantined } = sync.apply(
    { messages: stream.messages.slice(from), cursor: String(stream.messages.length) },
    serverMillis,
  );
  return { applied: events, quarantined };
}

/** Seals and sends until nothing is left. Returns how many bundles went out. */
export function push(book: TestBook, stream: MemoryStream): number {
  const { bookId, clientId, userId } = book.store.identity();
  if (userId === null) throw new Error('the book is not linked');
  const sync: SyncStore = book.store.sync;
  let sent = 0;
  for (;;) {
    let bundle = sync.nextInOutbox();
    if (!bundle && sync.seal({ bookId, clientId, userId }, 1) > 0) bundle = sync.nextInOutbox();
    if (!bundle) return sent;
    sync.markTried(bundle.id);
    stream.append(bundle.id, bundle.message);
    const { epoch, seq } = sync.producer();
    sync.acknowledge(bundle.id, { epoch, seq: seq + 1 });
    sent += 1;
  }
}
