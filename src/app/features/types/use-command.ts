import { useCallback, useState } from 'react';
import type { Command } from '../../../core/command.ts';
import { wordsForError } from '../../outcome-words.ts';
import { useClient } from '../../use-client.tsx';

export interface CommandRun {
  /** Carries out a command; answers whether it was done. What went wrong is kept in `error`. */
  readonly run: (command: Command) => Promise<boolean>;
  readonly busy: boolean;
  /** A sentence for the person, until the next try. */
  readonly error: string | undefined;
  readonly clear: () => void;
}

/** One place from which commands are given, with what became of the last one. */
export function useCommand(): CommandRun {
  const client = useClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | undefined>(undefined);
  const run = useCallback(
    async (command: Command) => {
      setBusy(true);
      const outcome = await client.execute(command);
      setBusy(false);
      setError(outcome.ok ? undefined : wordsForError(outcome.error));
      return outcome.ok;
    },
    [client],
  );
  const clear = useCallback(() => setError(undefined), []);
  return { run, busy, error, clear };
}
