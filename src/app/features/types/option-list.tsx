import { Plus, X } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import type { Field, Option } from '../../../core/query.ts';
import { wordsForError } from '../../outcome-words.ts';
import { Button } from '../../ui/button.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useClient } from '../../use-client.tsx';
import { useUndo } from '../shell/undo.tsx';
import { NameField } from './name-field.tsx';
import styles from './option-list.module.css';
import { tintInList } from './option-tint.ts';
import { TintPicker } from './tint-picker.tsx';
import { useCommand } from './use-command.ts';

/** The options of a select field: each with its colour and name, and a line to add another. */
export function OptionList({ field }: { readonly field: Field }) {
  const { run, error } = useCommand();
  const undo = useUndo();
  const toast = useToast();

  const remove = async (option: Option) => {
    if (!(await run({ kind: 'setOption', field: field.id, option: option.id, value: null }))) return;
    toast({
      text: `Removed “${option.name}”. Records that use it keep it in their history.`,
      action: { label: 'Undo', onAction: () => undo('undo') },
    });
  };

  return (
    <div className={styles.options}>
      {field.options.length > 0 && (
        <ul aria-label={`Options of ${field.name}`}>
          {field.options.map((option) => (
            <OptionRow key={option.id} field={field} option={option} onRemove={() => void remove(option)} />
          ))}
        </ul>
      )}
      {error !== undefined && <FieldError text={error} />}
      <AddOption field={field} />
    </div>
  );
}

function OptionRow({
  field,
  option,
  onRemove,
}: {
  readonly field: Field;
  readonly option: Option;
  readonly onRemove: () => void;
}) {
  const client = useClient();
  const { run, error } = useCommand();
  return (
    <li>
      <div className={styles.option}>
        <TintPicker
          option={option.name}
          tint={option.tint}
          onChange={(tint) =>
            void run({ kind: 'setOption', field: field.id, option: option.id, value: { name: option.name, tint } })
          }
        />
        <NameField
          label={`Name of option ${option.name}`}
          name={option.name}
          onSave={async (name) => {
            if (isTaken(field, name, option)) return `${field.name} has an option “${name}” already`;
            const outcome = await client.execute({
              kind: 'setOption',
              field: field.id,
              option: option.id,
              value: { name, tint: option.tint },
            });
            return outcome.ok ? undefined : wordsForError(outcome.error);
          }}
        />
        <IconButton label={`Remove option ${option.name}`} icon={<X aria-hidden />} onPress={onRemove} />
      </div>
      {error !== undefined && <FieldError text={error} />}
    </li>
  );
}

function AddOption({ field }: { readonly field: Field }) {
  const client = useClient();
  const { run, error, clear } = useCommand();
  const id = useId();
  const [name, setName] = useState('');
  const taken = isTaken(field, name.trim());

  const add = async (event: FormEvent) => {
    event.preventDefault();
    const bare = name.trim();
    if (bare === '' || taken) return;
    const value = { name: bare, tint: tintInList(bare, field.options.length) };
    if (await run({ kind: 'setOption', field: field.id, option: client.mintId(), value })) setName('');
    document.getElementById(id)?.focus();
  };

  return (
    <form className={styles.add} onSubmit={(event) => void add(event)}>
      <TextField
        id={id}
        label={`New option of ${field.name}`}
        labelHidden
        placeholder="New option"
        maxLength={100}
        value={name}
        error={taken ? 'There is such an option already' : error}
        onChange={(text) => {
          setName(text);
          clear();
        }}
      />
      <Button type="submit" icon={<Plus aria-hidden />} isDisabled={name.trim() === '' || taken}>
        Add
      </Button>
    </form>
  );
}

const isTaken = (field: Field, name: string, but?: Option): boolean =>
  field.options.some((each) => each.id !== but?.id && each.name.toLowerCase() === name.toLowerCase());
