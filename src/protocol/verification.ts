/** "Verify with server" ([SYNC-9]), as data; app/ puts it in words. */

/** What came of a comparison with the server. Only the first two mean that both sides were compared to the end. */
export type Verified =
  /** Every bundle that the server has is here, and the other way round. */
  | { readonly kind: 'same'; readonly bundles: number }
  | {
      readonly kind: 'repaired';
      /** Bundles that both sides hold now. */
      readonly bundles: number;
      /** Bundles that were missing here and were fetched. */
      readonly fetched: number;
      /** Bundles that were missing on the server: what they held is queued and being sent. */
      readonly sentAgain: number;
      /** Whether changes were among those that are no longer kept here, since this device's history was shortened. */
      readonly shortened: boolean;
    }
  /** The server has another log than the one that was read: everything is being sent again ([SYNC-4]). */
  | { readonly kind: 'restarted' }
  | { readonly kind: 'stopped' }
  /** Nothing can be said; `message` is a sentence for the person. */
  | { readonly kind: 'failed'; readonly message: string };

export interface VerifyProgress {
  /** Waiting until what the server has is here; comparing ids; fetching what is missing here; queueing what is missing there. */
  readonly part: 'catchingUp' | 'comparing' | 'fetching' | 'queueing';
  /** How many bundles of the server were compared, and how many are held here. */
  readonly compared: number;
  readonly held: number;
}

export interface LastVerified {
  /** Unix milliseconds of this device's clock. */
  readonly at: number;
  readonly outcome: Verified;
}

export interface Verification {
  /** Null while none is under way. */
  readonly running: VerifyProgress | null;
  /** The last one that ended on this device with the present server. */
  readonly last: LastVerified | null;
}
