import type { Page, Slice } from './ports.ts';

/** About 20 ms of work on a slow phone: a bundle of 1,000 events has some 35 KB, and applies in 10 to 20 ms. */
const SLICE_CHARACTERS = 50_000;
const SLICE_MESSAGES = 200;

/** Cuts a page into parts that do not keep local edits waiting; the cursor goes with the last. At least one part. */
export function* slicesOf(page: Page): Generator<Slice, void> {
  let messages: unknown[] = [];
  let size = 0;
  for (const message of page.messages) {
    const more = sizeOf(message);
    if (messages.length > 0 && (size + more > SLICE_CHARACTERS || messages.length >= SLICE_MESSAGES)) {
      yield { messages, cursor: null };
      messages = [];
      size = 0;
    }
    messages.push(message);
    size += more;
  }
  yield { messages, cursor: page.cursor };
}

/** Size of a bundle's payload, which is nearly all of it; anything else is taken to be small. */
function sizeOf(message: unknown): number {
  if (typeof message !== 'object' || message === null || !('payload' in message)) return 0;
  return typeof message.payload === 'string' ? message.payload.length : 0;
}
