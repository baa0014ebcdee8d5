import { Redo2, Undo2 } from 'lucide-react';
import { createContext, type ReactNode, use, useCallback, useMemo, useState } from 'react';
import type { Problem } from '../../../core/command.ts';
import { wordsForError } from '../../outcome-words.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useAnswer, useClient } from '../../use-client.tsx';
import { CONTROL, useShortcuts } from './shortcuts.ts';

type Direction = 'undo' | 'redo';
type Run = (direction: Direction) => void;

const UndoContext = createContext<Run>(() => undefined);

/** Takes back what this device did last, or does it again; asks when that would overwrite what somebody changed since. */
export const useUndo = (): Run => use(UndoContext);

export function UndoProvider({ children }: { readonly children: ReactNode }) {
  const client = useClient();
  const toast = useToast();
  const [asked, setAsked] = useState<{ readonly direction: Direction; readonly problems: readonly Problem[] } | null>(
    null,
  );

  const carryOut = useCallback(
    async (direction: Direction, force: boolean) => {
      const label = (await client.query({ kind: 'undo' }))[direction];
      const outcome = await client[direction](force);
      if (outcome.ok) {
        const done = direction === 'undo' ? 'Undone' : 'Done again';
        toast({ text: label === null ? done : `${done}: ${label}` });
      } else if (outcome.error.kind === 'changedSince') {
        setAsked({ direction, problems: outcome.error.problems });
      } else if (outcome.error.kind === 'nothingToUndo') {
        toast({ text: direction === 'undo' ? 'There is nothing to undo' : 'There is nothing to do again' });
      } else {
        toast({ text: wordsForError(outcome.error), tone: 'alert' });
      }
    },
    [client, toast],
  );
  const run = useCallback<Run>(
    (direction) => {
      carryOut(direction, false).catch((error: unknown) => toast({ text: String(error), tone: 'alert' }));
    },
    [carryOut, toast],
  );
  const shortcuts = useMemo(
    () => [
      { key: 'z', control: true, run: () => run('undo') },
      { key: 'z', control: true, shift: true, run: () => run('redo') },
      { key: 'y', control: true, run: () => run('redo') },
    ],
    [run],
  );
  useShortcuts(shortcuts);

  return (
    <UndoContext value={run}>
      {children}
      <Dialog
        title="It was changed since"
        role="alertdialog"
        size="small"
        isOpen={asked !== null}
        onClose={() => setAsked(null)}
        actions={
          <>
            <Button onPress={() => setAsked(null)}>Leave it</Button>
            <Button
              variant="danger"
              onPress={() => {
                if (asked) void carryOut(asked.direction, true);
                setAsked(null);
              }}
            >
              {asked?.direction === 'redo' ? 'Do it again anyway' : 'Undo anyway'}
            </Button>
          </>
        }
      >
        <p>
          Somebody changed {asked?.problems.length === 1 ? 'the same value' : 'some of the same values'} after you.
          Going on would overwrite that change; it stays in the history.
        </p>
        <ul>
          {asked?.problems.slice(0, 5).map((problem) => (
            <li key={`${problem.entityId} ${problem.field}`}>{problem.reason}</li>
          ))}
        </ul>
      </Dialog>
    </UndoContext>
  );
}

/** The two buttons, with what they would do. */
export function UndoButtons() {
  const run = useUndo();
  const answer = useAnswer({ kind: 'undo' });
  return (
    <>
      <IconButton
        label={answer?.undo == null ? 'Undo' : `Undo: ${answer.undo}`}
        keys={`${CONTROL} Z`}
        icon={<Undo2 aria-hidden />}
        isDisabled={answer?.undo == null}
        onPress={() => run('undo')}
      />
      <IconButton
        label={answer?.redo == null ? 'Redo' : `Redo: ${answer.redo}`}
        keys={CONTROL === 'Ctrl' ? 'Ctrl Shift Z' : '⌘ ⇧ Z'}
        icon={<Redo2 aria-hidden />}
        isDisabled={answer?.redo == null}
        onPress={() => run('redo')}
      />
    </>
  );
}
