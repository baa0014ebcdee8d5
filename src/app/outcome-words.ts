/** Why something was not saved, in plain words. */
import type { CommandError } from '../core/command.ts';
import type { Unanswered } from './client.ts';

/** One sentence for the person. What was typed is still where it was typed. */
export function wordsForError(error: CommandError | Unanswered): string {
  switch (error.kind) {
    case 'invalid': {
      const first = error.problems[0]?.reason ?? 'the value does not fit';
      return error.count > 1 ? `Not saved: ${first} (and ${error.count - 1} more)` : `Not saved: ${first}`;
    }
    case 'storage':
      return error.reason === 'full' ? 'Not saved: storage is full' : `Not saved: ${error.message}`;
    case 'nothingToUndo':
      return 'There is nothing to undo';
    case 'changedSince':
      return 'It was changed since';
    case 'unanswered':
      return `Not saved yet: ${error.message}`;
  }
}
