/**
 * "Verify with server" ([SYNC-9]): compares what was read of the log, up to the cursor, with what the server lists up to that
 * same offset; fetches what is missing here, and queues what is missing there. Sync goes on meanwhile: whatever either side
 * gets lies behind that offset. The cursor is never touched. Every step may be the last, and the next run finds the rest.
 */
import type { BundleId } from '../core/ids.ts';
import type { Verified, VerifyProgress } from '../protocol/verification.ts';
import { Comparison } from './comparison.ts';
import type { Applied, IdsPage, LogPlace, Page, ReadOutcome, Signal, SyncStore, Transport } from './ports.ts';
import { slicesOf } from './slices.ts';

/** Ids read from the store in one turn. */
const PLACES_AT_A_TIME = 5_000;

export interface VerificationPorts {
  readonly store: SyncStore;
  readonly transport: Transport;
  readonly breathe: () => Promise<void>;
  /** Estimated server time, Unix milliseconds; null when the clock was set meanwhile, and the server cannot be asked what is right. */
  readonly serverMillis: () => Promise<number | null>;
  /** The store holds more than before, or has more to send. */
  readonly onApplied: (applied: Applied) => void;
  readonly onQueued: () => void;
  readonly onProgress: (progress: VerifyProgress) => void;
}

/** The server does not have the log that was read. */
export type LogGone = Extract<ReadOutcome, { kind: 'noStream' | 'reset' }>;

/** Ends a run from within; what was done until then stays. */
class Ended extends Error {
  readonly outcome: Exclude<Verified, { kind: 'same' | 'repaired' | 'restarted' }> | LogGone;
  constructor(outcome: Ended['outcome']) {
    super(outcome.kind);
    this.outcome = outcome;
  }
}

/** One comparison from beginning to end. Throws what the store throws. */
export async function verify(ports: VerificationPorts, signal: Signal): Promise<Verified | LogGone> {
  try {
    return await compare(ports, signal);
  } catch (error) {
    if (error instanceof Ended) return error.outcome;
    throw error;
  }
}

async function compare(ports: VerificationPorts, signal: Signal): Promise<Verified> {
  const { store, breathe, onProgress, onQueued } = ports;
  const until = store.cursor();
  if (store.history() !== null)
    throw new Ended({ kind: 'failed', message: 'Older history is still arriving. Verify once all of it is here.' });
  if (until === null) throw new Ended({ kind: 'failed', message: 'Nothing was read from the server yet.' });
  const comparison = new Comparison(await heldUntil(until, ports, signal));
  const tell = (part: VerifyProgress['part']): void =>
    onProgress({ part, compared: comparison.compared, held: comparison.held });
  let fetched = 0;
  for (let after: string | null = null; ;) {
    tell('comparing');
    const page: IdsPage = await idsPage(ports, after, until, signal);
    const missing = comparison.take(page.ids, page.trimmed ? page.from : null);
    if (missing.length > 0) {
      tell('fetching');
      await fetchMissing(ports, new Set(missing), page, signal);
      // Behind where we had read to, in a page of a server that does not end it there: news, and not missing.
      if (page.next <= until) fetched += missing.length;
    }
    if (page.done) break;
    if (page.next === after) throw new Ended({ kind: 'failed', message: 'The server sent an empty page.' });
    after = page.next;
  }

  const lost = comparison.missingThere();
  let shortened = false;
  if (lost.length > 0) {
    tell('queueing');
    const queue = store.queueLost(lost);
    for (let done = false; !done; { done, shortened } = queue.step()) {
      await breathe();
      check(signal);
    }
    onQueued();
  }
  const bundles = comparison.same + fetched;
  return fetched + lost.length === 0
    ? { kind: 'same', bundles }
    : { kind: 'repaired', bundles, fetched, sentAgain: lost.length, shortened };
}

/** What was read of the log up to an offset; whatever is read meanwhile lies behind it. */
async function heldUntil(until: string, { store, breathe }: VerificationPorts, signal: Signal): Promise<LogPlace[]> {
  const held: LogPlace[] = [];
  for (let after: BundleId | null = null; ;) {
    const part = store.places(after, PLACES_AT_A_TIME);
    for (const each of part) if (each.place === null || each.place < until) held.push(each);
    if (part.length < PLACES_AT_A_TIME) return held;
    after = part.at(-1)!.id;
    await breathe();
    check(signal);
  }
}

async function idsPage(
  { transport }: VerificationPorts,
  after: string | null,
  until: string,
  signal: Signal,
): Promise<IdsPage> {
  const outcome = await transport.ids(after, until, signal);
  check(signal);
  return outcome.kind === 'ids' ? outcome.page : ended(outcome);
}

/** Reads the stretch of a page again and takes in what is missing of it. */
async function fetchMissing(
  ports: VerificationPorts,
  missing: Set<BundleId>,
  { messages, from: first, next }: IdsPage,
  signal: Signal,
): Promise<void> {
  if (messages) return takeIn(ports, messages, first, missing, signal);
  for (let from = first; missing.size > 0;) {
    const outcome = await ports.transport.read(from, signal);
    check(signal);
    // The server has just told what lies there: should it be gone within the moment, the next comparison will see.
    if (outcome.kind === 'reset') throw new Ended({ kind: 'failed', message: outcome.message });
    const page: Page = outcome.kind === 'page' ? outcome.page : ended(outcome);
    await takeIn(ports, page.messages, from, missing, signal);
    if (page.cursor >= next || page.upToDate || page.cursor === from) break;
    from = page.cursor;
  }
  if (missing.size > 0) {
    const message = 'The server lists changes that it does not have. Nothing is lost here; tell whoever runs it.';
    throw new Ended({ kind: 'failed', message });
  }
}

async function takeIn(
  { store, breathe, serverMillis, onApplied }: VerificationPorts,
  messages: readonly unknown[],
  from: string | null,
  missing: Set<BundleId>,
  signal: Signal,
): Promise<void> {
  const wanted = messages.filter((message) => missing.delete(idOf(message)));
  if (wanted.length === 0) return;
  for (const slice of slicesOf({ messages: wanted, cursor: '', upToDate: false, progress: null })) {
    const now = await serverMillis();
    check(signal);
    if (now === null)
      throw new Ended({ kind: 'failed', message: 'The clock was set, and the server does not tell the time.' });
    onApplied(store.apply({ messages: slice.messages, cursor: null, from }, now));
    await breathe();
    check(signal);
  }
}

function check(signal: Signal): void {
  if (signal.aborted) throw new Ended({ kind: 'stopped' });
}

function ended(outcome: Exclude<ReadOutcome, { kind: 'page' }>): never {
  switch (outcome.kind) {
    case 'noStream':
    case 'reset':
      throw new Ended(outcome);
    case 'trimmed':
    case 'unreachable':
    case 'busy':
    case 'unauthorized':
      throw new Ended({ kind: 'failed', message: outcome.message });
  }
}

function idOf(message: unknown): BundleId {
  const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : null;
  return String(id) as BundleId;
}
