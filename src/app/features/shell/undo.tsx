import { Redo2, Undo2 } from 'lucide-react';
import { createContext, type ReactNode, use, useCallback, useMemo, useState } from 'react';
import type { Problem } from '../../../core/command.ts';
import type { EntityId } from '../../../core/ids.ts';
import { wordsForError } from '../../outcome-words.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { useToast } from '../../ui/toast.tsx';
import { Now, useMoment } from '../../moment.tsx';
import { useAnswer, useClient } from '../../use-client.tsx';
import { titleOr } from '../record/title.ts';
import { CONTROL, useShortcuts } from './shortcuts.ts';

type Direction = 'undo' | 'redo';
type Run = (direction: Direction) => void;

interface Asked {
  readonly direction: Direction;
  readonly problems: readonly Problem[];
}

/** So many of the things that would be overwritten are named. */
const NAMED = 5;

const UndoContext = createContext<Run>(() => undefined);

/** Takes back what this device did last, or does it again; asks when that would overwrite what somebody changed since. */
export const useUndo = (): Run => use(UndoContext);

export function UndoProvider({ children }: { readonly children: ReactNode }) {
  const client = useClient();
  const toast = useToast();
  const [asked, setAsked] = useState<Asked | null>(null);

  const start = useCallback(
    (direction: Direction, force: boolean) => {
      const carryOut = async () => {
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
      };
      carryOut().catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        toast({ text: `${direction === 'undo' ? 'Not undone' : 'Not done again'}: ${reason}`, tone: 'alert' });
      });
    },
    [client, toast],
  );
  const run = useCallback<Run>((direction) => start(direction, false), [start]);
  const past = useMoment() !== null;
  const shortcuts = useMemo(
    () =>
      // Who looks at the past would not see what is taken back.
      past
        ? []
        : [
            { key: 'z', control: true, run: () => run('undo') },
            { key: 'z', control: true, shift: true, run: () => run('redo') },
            { key: 'y', control: true, run: () => run('redo') },
          ],
    [run, past],
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
                if (asked) start(asked.direction, true);
                setAsked(null);
              }}
            >
              {asked?.direction === 'redo' ? 'Do it again anyway' : 'Undo anyway'}
            </Button>
          </>
        }
      >
        <Now>{asked && <Overwritten problems={asked.problems} />}</Now>
      </Dialog>
    </UndoContext>
  );
}

/** What going on would overwrite, each by name. */
function Overwritten({ problems }: { readonly problems: readonly Problem[] }) {
  // A type whose name and icon both changed is one line.
  const different = [...new Map(problems.map((each) => [`${each.entityId} ${each.field} ${each.reason}`, each]))];
  const more = different.length - NAMED;
  return (
    <>
      <p>
        Somebody changed {different.length === 1 ? 'the same value' : 'some of the same values'} after you. Going on
        would overwrite that change; it stays in the history.
      </p>
      <ul>
        {different.slice(0, NAMED).map(([key, problem]) => (
          <li key={key}>
            <ProblemWords problem={problem} />
          </li>
        ))}
        {more > 0 && <li>and {more.toLocaleString('en')} more</li>}
      </ul>
    </>
  );
}

/** "Role of Amara Nwosu was changed since"; a type or a field by its own name. */
function ProblemWords({ problem: { entityId, field, reason } }: { readonly problem: Problem }) {
  const schema = useAnswer({ kind: 'schema' });
  const record = useAnswer({ kind: 'record', id: entityId });
  const people = useAnswer({ kind: 'people' });
  const types = schema?.types ?? [];
  const fieldOf = (id: EntityId | null) => types.flatMap((type) => type.fields).find((each) => each.id === id);
  const type = types.find((each) => each.id === entityId);
  const own = fieldOf(entityId);
  if (type !== undefined) return `The type ${type.name} ${reason}`;
  if (own !== undefined) return `The field ${own.name} ${reason}`;
  if (record === undefined || people === undefined) return '…';
  const named = [...people.clients, ...people.users].find(({ id }) => (id as string) === entityId);
  if (named !== undefined) return `The name ${named.name} ${reason}`;
  const title = titleOr(record?.title ?? '');
  return field === null ? `${title} ${reason}` : `${fieldOf(field)?.name ?? 'A field'} of ${title} ${reason}`;
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
