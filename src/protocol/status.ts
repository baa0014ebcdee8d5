import type { Verification } from './verification.ts';

/** What the status chip says, as data; app/ puts it in words (DESIGN section 6). Comes from acknowledgements alone ([SYNC-7]). */
export type Status =
  | { readonly kind: 'local' }
  | { readonly kind: 'synced' }
  /** The server cannot be reached; `waiting` changes (events) are kept here. */
  | { readonly kind: 'offline'; readonly waiting: number }
  | { readonly kind: 'sending'; readonly waiting: number }
  /** Nothing waits here, but changes of other devices are still coming in: a first sync, or the first after a long time. */
  | { readonly kind: 'receiving' }
  /** Not acknowledged for over 60 s though the server was reached or tried, or it takes nothing from this device; `retryAt`: Unix milliseconds of the next try. */
  | { readonly kind: 'stuck'; readonly waiting: number; readonly retryAt: number }
  /** Changes that were rejected or quarantined and need a person. */
  | { readonly kind: 'attention'; readonly count: number }
  /** This device's clock is off by `offsetMillis` (positive: fast). */
  | { readonly kind: 'clock'; readonly offsetMillis: number }
  | { readonly kind: 'writeFailed'; readonly reason: 'full' | 'other'; readonly message: string };

/** Numbers behind the chip, for "Sync details". Times are Unix milliseconds of this device's clock. */
export interface SyncDetails {
  readonly serverUrl: string | null;
  /** When the server last answered, also before a restart (then to the minute); null: never yet. */
  readonly lastContactAt: number | null;
  /** Changes not yet acknowledged, and since when the oldest waits. */
  readonly waiting: number;
  readonly waitingSince: number | null;
  /** How many were acknowledged since something waits without a break, also before a restart; 0 when nothing waits. */
  readonly sent: number;
  readonly retryAt: number | null;
  readonly clockOffsetMillis: number | null;
  readonly quarantined: number;
  readonly rejected: number;
  /** The last error in plain words; null after a success. */
  readonly lastError: string | null;
  /** Why the server turns this device away, in plain words: somebody has to do something. Null while it does not. */
  readonly refused: string | null;
  /** "Verify with server": what is under way, and what came of the last one. */
  readonly verification: Verification;
  /** Progress of a first sync: how much of the stream is applied, 0 to 1; null when up to date, or not known. */
  readonly progress: number | null;
  /**
   * Whether records are on their way here: for the first time (`waiting`: but the server does not answer, or does not let this
   * device in), or those that were made since. Null when everything is here, as far as was last known.
   */
  readonly arriving: 'first' | 'waiting' | 'more' | null;
  /**
   * How much of the history has come that a snapshot stood in for, 0 to 1 (null: not known yet in this session); null when all of
   * it is here.
   */
  readonly history: { readonly share: number | null } | null;
}
