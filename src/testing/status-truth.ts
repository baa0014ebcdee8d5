/** [SYNC-7] Holds what a client says of itself against what the simulation knows, and the client does not. */
import type { Status } from '../protocol/status.ts';

/** A live connection that brings nothing is given up after 75 s, and what is asked instead after 45 s more. */
export const LONGEST_SILENCE_MILLIS = 180_000;
/** Answers may take seconds each way, and a clock that is set by a few seconds is not noticed at once. */
const CLOCK_DOUBT_MILLIS = 60_000;

export interface Facts {
  /** Own events that no server ever stored. */
  readonly unstored: number;
  /** Milliseconds since something came from the server; null: nothing has since the app was started. */
  readonly silentMillis: number | null;
  /** Whether the last page of the stream was its end; null: there was none since the app was started. */
  readonly upToDate: boolean | null;
  /** Bundles that the server had when it made that page, and that are not here. */
  readonly missing: number;
  /** Whether the disk refused a write since the app was started. */
  readonly refused: boolean;
  /** Whether anything is in the stream that a client may hold back. */
  readonly strange: boolean;
  /** How far this device's clock is ahead; null when it was set a moment ago, and nobody can know yet. */
  readonly clockMillis: number | null;
}

/** What is not true of a status, in plain words; null when it is true. */
export function lieIn(status: Status, facts: Facts): string | null {
  switch (status.kind) {
    case 'local':
    case 'receiving':
      return null;
    case 'synced':
      if (facts.silentMillis === null) return 'says synced before it heard from the server';
      if (facts.silentMillis > LONGEST_SILENCE_MILLIS)
        return `says synced, and has not heard from the server for ${facts.silentMillis} ms`;
      if (facts.unstored > 0) return `says synced, and ${facts.unstored} events of it are not stored`;
      if (facts.upToDate !== true) return 'says synced, and has not seen the end of the stream';
      return facts.missing === 0 ? null : `says synced, and lacks ${facts.missing} bundles that the server had`;
    case 'offline':
    case 'sending':
    case 'stuck':
      return status.waiting >= facts.unstored
        ? null
        : `says that ${status.waiting} wait, and ${facts.unstored} are not stored`;
    case 'attention':
      return facts.strange ? null : 'asks for attention, and nothing is wrong';
    case 'clock':
      return facts.clockMillis === null || Math.abs(status.offsetMillis - facts.clockMillis) <= CLOCK_DOUBT_MILLIS
        ? null
        : `says that its clock is off by ${status.offsetMillis} ms, and it is by ${facts.clockMillis}`;
    case 'writeFailed':
      return facts.refused ? null : 'says that it could not write, and nothing was refused';
  }
}
