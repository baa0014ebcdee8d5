import type { Page, Slice } from './ports.ts';

/** Some 1,000 events, which apply in about 30 ms: bundles of an import have 5 to 15 characters an event. */
const SLICE_CHARACTERS = 8_000;
/** What the names in a bundle take, however few events it has. */
const BARE_CHARACTERS = 400;
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
  return typeof message.payload === 'string' ? Math.max(0, message.payload.length - BARE_CHARACTERS) : 0;
}
