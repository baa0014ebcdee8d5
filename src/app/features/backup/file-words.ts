/** What is said of files. */
import type { FileError, Replaceable } from '../../../core/transfer.ts';

/** Why a file was not taken, in a sentence or two for the person. Nothing was changed. */
export function wordsForFile(error: FileError, kind: 'backup' | 'changes'): string {
  switch (error.kind) {
    case 'notABook':
      return kind === 'backup'
        ? 'This is not a backup of Daybook’s.'
        : 'This is not a file of changes that Daybook has written: its first line does not say so.';
    case 'newer':
      return 'This file was made by a newer version of Daybook. Update Daybook here first.';
    case 'damaged':
      return `This file is damaged: it was cut off or changed on its way. (${error.message})`;
    case 'altered':
      return `This backup was changed by another program, so it is not read. (${error.message})`;
    case 'notReplaceable':
      return whyNot(error.because);
    case 'gone':
      return 'The tab that was reading this file is gone. Choose the file again: what was taken in is there, the rest is not.';
    case 'unreadable':
      return `The file could not be read. Was it moved or changed? (${error.message})`;
    case 'unsaved':
      return 'Nothing is saved in this window, so a backup cannot be restored here.';
    case 'storage':
      return error.reason === 'full'
        ? 'There is not enough room in this browser for this file. Nothing was changed.'
        : `It could not be done: ${error.message}`;
  }
}

/** Why a backup may not become the book. */
export function whyNot(because: Exclude<Replaceable, 'yes'>): string {
  switch (because) {
    case 'otherBook':
      return 'Not while this book syncs: this is a backup of another book. Disconnect from the server first, under Sync.';
    case 'malformed':
      return 'Not with this backup: some changes in it are not in order. Merging leaves those out.';
    case 'future':
      return 'Not with this backup: it holds changes dated years ahead. Merging lets those wait.';
  }
}

/** `1 change`, `12 changes`. */
export const changes = (count: number): string => `${count.toLocaleString()} ${count === 1 ? 'change' : 'changes'}`;
