/** What a book takes in from files, and what is said of a file before anything is taken. Crosses the worker boundary. */
import type { BookId, EntityId, EventId } from './ids.ts';
import type { AttributeName } from './event.ts';
import type { Timestamp } from './timestamp.ts';

/** Why a file was not taken in. Nothing was changed, unless it says otherwise. `message` is for details, not the sentence. */
export type FileError =
  /** Not a file of Daybook's at all. */
  | { readonly kind: 'notABook' }
  /** Written by a newer version of the app. */
  | { readonly kind: 'newer'; readonly found: number; readonly known: number }
  /** Cut off, or changed where no program of ours writes. */
  | { readonly kind: 'damaged'; readonly message: string }
  /** It holds tables, views or triggers that are not ours, or ours changed: none of it was run. */
  | { readonly kind: 'altered'; readonly message: string }
  /** This file cannot become the book: see `Replaceable`. */
  | { readonly kind: 'notReplaceable'; readonly because: Exclude<Replaceable, 'yes'> }
  /** The file has to be chosen again: the tab that had looked at it is gone, or another file was looked at since. */
  | { readonly kind: 'gone' }
  /** The file itself could not be read: it was moved, changed or taken away. */
  | { readonly kind: 'unreadable'; readonly message: string }
  /** Nothing lasts in this window. */
  | { readonly kind: 'unsaved' }
  | { readonly kind: 'storage'; readonly reason: 'full' | 'other'; readonly message: string };

/**
 * Whether a backup may become the book. `otherBook`: this book is linked to a server, and the backup is of another one;
 * `malformed`: some of its changes are not in order; `future`: its newest change is dated years ahead, and the clock
 * would never come back from there.
 */
export type Replaceable = 'yes' | 'otherBook' | 'malformed' | 'future';

/** What taking in the changes of a file would do to the present book. */
export interface Comparison {
  readonly bookId: BookId;
  /** Whether it is of this very book; also when this one is empty and belongs to no account, since it then becomes that one. */
  readonly sameBook: boolean;
  /** Changes in the file. */
  readonly events: number;
  /** Changes in the file that are not here. */
  readonly missingHere: number;
  /** Those of them that are dated more than five minutes ahead: they are kept, and appear when their time has come. */
  readonly ahead: number;
  /** Changes in the file that are not in order and cannot be taken. */
  readonly refused: number;
}

export interface BackupPreview extends Comparison {
  /** Names this look at the file for `mergeBackup` and `replaceBook`. */
  readonly token: string;
  /** Names of the device and the person that made it; null where it does not say. */
  readonly device: string | null;
  readonly person: string | null;
  /** When it was made, and its newest change, Unix milliseconds; null where it does not say, or holds none. */
  readonly madeAt: number | null;
  readonly newestAt: number | null;
  /** Records by type, most first; types without records are left out. */
  readonly types: readonly { readonly name: string; readonly records: number }[];
  /** Changes here that are not in the file. */
  readonly missingThere: number;
  /** Changes here that the server has not acknowledged; null when no sync is set up. */
  readonly unsent: number | null;
  readonly replaceable: Replaceable;
}

export interface Taken {
  /** Changes that were not here. */
  readonly events: number;
  /** Those that wait until their time has come. */
  readonly ahead: number;
  readonly refused: number;
}

/** A line that is not taken. `number` counts from 1, as editors do. */
export interface RefusedLine {
  readonly number: number;
  readonly reason: string;
}

export interface LinesPreview extends Comparison {
  /** Changes in the file that are here already. */
  readonly known: number;
  /** The first refused lines; `refused` counts all. */
  readonly refusals: readonly RefusedLine[];
}

/** How far an export has come: behind which event. `held`: all of the log is out, what waits for its time comes next. */
export type LinesPlace =
  | {
      readonly kind: 'after';
      readonly timestamp: Timestamp;
      readonly id: EventId;
      readonly entityId: EntityId;
      readonly attribute: AttributeName;
    }
  | { readonly kind: 'held' };

export interface LinesPage {
  /** Whole lines. */
  readonly text: string;
  /** Pass it for the next page; null at the end. */
  readonly next: LinesPlace | null;
}

/** The book as it was before it was replaced. */
export interface KeptBook {
  /** When it was set aside, Unix milliseconds; null when that is not known. */
  readonly keptAt: number | null;
  readonly bytes: number;
}
