import { Lightbulb } from 'lucide-react';
import { useState } from 'react';
import type { Command } from '../../../core/command.ts';
import type { EntityId } from '../../../core/ids.ts';
import { wordsForError } from '../../outcome-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useAnswer, useClient } from '../../use-client.tsx';
import { useUndo } from '../shell/undo.tsx';

/** Stands above the records of a type while some of them are samples, and takes away those of the whole book at once. */
export function SampleBanner({ type }: { readonly type: EntityId }) {
  const client = useClient();
  const schema = useAnswer({ kind: 'schema' });
  const toast = useToast();
  const undo = useUndo();
  const [busy, setBusy] = useState(false);
  const here = schema?.types.find(({ id }) => id === type)?.samples ?? 0;
  if (schema === undefined || here === 0) return null;
  const sampled = schema.types.filter(({ samples }) => samples > 0);
  const total = sampled.reduce((sum, { samples }) => sum + samples, 0);

  const remove = async () => {
    setBusy(true);
    const commands = sampled.map(({ id }): Command => ({ kind: 'removeSamples', type: id }));
    const outcome = await client.execute({ kind: 'batch', label: 'Remove samples', commands });
    setBusy(false);
    if (outcome.ok) {
      const text = total === 1 ? '1 sample moved to the Trash' : `${total} samples moved to the Trash`;
      toast({ text, action: { label: 'Undo', onAction: () => undo('undo') } });
    } else {
      toast({ text: wordsForError(outcome.error), tone: 'alert' });
    }
  };

  return (
    <Banner
      icon={<Lightbulb aria-hidden />}
      action={
        <Button size="small" onPress={() => !busy && void remove()}>
          Remove samples
        </Button>
      }
    >
      {here === 1 ? 'One of these records is a sample' : `${here} of these records are samples`} to look around with.
    </Banner>
  );
}
