/** What is on its way for so long that a person wants to see how far it has come: in words, the most important first. */
import type { Status, SyncDetails } from '../../../protocol/status.ts';
import { changes } from './status-words.ts';

/** Fewer changes are sent before a bar could be read. */
const MANY_CHANGES = 2_000;

export interface Transfer {
  readonly kind: 'records' | 'sending' | 'history';
  /** Name of its progress bar. */
  readonly label: string;
  readonly words: string;
  /** What it means for whoever wants to work. */
  readonly hint: string;
  /** 0 to 1; null while that is not known. */
  readonly share: number | null;
  /** Whether it goes on at this moment. */
  readonly moving: boolean;
}

/** @param empty whether nothing is in the book yet */
export function transfersOf(status: Status, details: SyncDetails, empty: boolean): readonly Transfer[] {
  const transfers: Transfer[] = [];
  const { arriving, history, sent, waiting } = details;
  if (arriving !== null) {
    const receiving = arriving !== 'waiting';
    transfers.push({
      kind: 'records',
      label: 'Receiving records',
      words: receiving ? 'Receiving your records…' : 'Not all of your records are here yet.',
      hint: receiving
        ? empty
          ? ''
          : 'You can already work with those that are here.'
        : details.refused === null
          ? 'The rest comes by itself once the server can be reached.'
          : 'The server does not let this device in: see Sync details.',
      share: details.progress,
      moving: receiving,
    });
  }
  if (status.kind === 'sending' && sent + waiting >= MANY_CHANGES) {
    transfers.push({
      kind: 'sending',
      label: 'Sending changes',
      words: `Sending ${changes(waiting)}…`,
      hint: 'You can go on working.',
      share: sent / (sent + waiting),
      moving: true,
    });
  }
  // While the server is away the chip says so, and nobody waits for history.
  if (history !== null && arriving !== 'waiting' && status.kind !== 'offline') {
    transfers.push({
      kind: 'history',
      label: 'Receiving history',
      words: 'All records are here. What they were before is still arriving.',
      hint: 'You can go on working.',
      share: history.share,
      moving: true,
    });
  }
  return transfers;
}
