/** What a repair and a look at a book's health have to tell. */

/** How a damaged database was replaced: what came along, and what did not. */
export interface RepairNote {
  /** When, in Unix milliseconds of this device's clock. */
  readonly at: number;
  /** Whether the device synced then: what could not be read comes back from the server, unless it was never sent. */
  readonly linked: boolean;
  /** Changes that were found in the damaged database. */
  readonly events: number;
  /** Of them those that are sent (again). */
  readonly unsent: number;
  /** Whether they are those that the server had not acknowledged; otherwise that could not be told, and there are more. */
  readonly certain: boolean;
  /** Changes that were there, could not be read, and are nowhere else. */
  readonly lost: number;
  /** Whether more than these may be lost: what would tell is damaged too. */
  readonly perhapsMore: boolean;
}

/** What a look at the whole book found. Holds numbers and places, no contents of records. */
export interface DoctorReport {
  /** Bytes: of the file, and of what is free in it. */
  readonly sizes: { readonly file: number; readonly free: number };
  readonly counts: {
    readonly events: number;
    readonly attributes: number;
    readonly records: number;
    readonly types: number;
    readonly clients: number;
    readonly bundles: number;
    /** Bundles that wait to be sent, and those that the server refused. */
    readonly outbox: number;
    readonly deadLetters: number;
    readonly quarantine: number;
    /** Events of this device in no bundle yet. */
    readonly unsealed: number;
    /** Open versions of attributes that have several. */
    readonly leaves: number;
    readonly collisions: number;
  };
  /** Unix milliseconds before which history may have been shortened; null when it is complete. */
  readonly horizon: number | null;
  readonly checks: readonly DoctorCheck[];
}

export type CheckName =
  | 'file'
  | 'attributes'
  | 'versions'
  | 'entities'
  | 'fields'
  | 'search'
  | 'folded'
  | 'links'
  | 'transactions'
  | 'outbox'
  | 'log'
  | 'clock';

export interface DoctorCheck {
  readonly name: CheckName;
  /** `skipped`: it is being made anew just now. */
  readonly outcome: 'good' | 'bad' | 'skipped';
  /** How many things are not as they should be, and the first few of them in plain words. */
  readonly faults: number;
  readonly examples: readonly string[];
  readonly millis: number;
}

/** How far a look at the book has come. */
export interface DoctorProgress {
  readonly check: CheckName;
  /** Of all checks, 0 to 1. */
  readonly share: number;
}
