/** What a repair and a look at a book's health have to tell. */

/** How a damaged database was replaced: what came along, and what did not. */
export interface RepairNote {
  /** When, in Unix milliseconds of this device's clock. */
  readonly at: number;
  /** Whether the device synced then: what could not be read comes back from the server, unless it was never sent. */
  readonly linked: boolean;
  /** Changes that were found in the damaged database. */
  readonly events: number;
  /** Of them those that no server had acknowledged, as far as could be told. */
  readonly unsent: number;
  /** Changes that were there, could not be read, and are nowhere else. */
  readonly lost: number;
  /** Whether more than these may be lost: what would tell is damaged too. */
  readonly perhapsMore: boolean;
}
