import { Plus } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import type { FieldKind } from '../../../core/attribute.ts';
import type { NewField } from '../../../core/command.ts';
import type { EntityId } from '../../../core/ids.ts';
import type { RecordType } from '../../../core/query.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { Select } from '../../ui/select.tsx';
import { TextArea } from '../../ui/text-area.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useClient } from '../../use-client.tsx';
import styles from './add-field.module.css';
import { FIELD_KIND_WORDS } from './field-kinds.ts';
import { tintInList } from './option-tint.ts';
import { useCommand } from './use-command.ts';

/** The button under the fields, and the window in which a field is made. */
export function AddField({ type, types }: { readonly type: RecordType; readonly types: readonly RecordType[] }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<Plus aria-hidden />} onPress={() => setOpen(true)}>
        Add a field
      </Button>
      {open && <AddFieldDialog type={type} types={types} onClose={() => setOpen(false)} />}
    </>
  );
}

function AddFieldDialog({
  type,
  types,
  onClose,
}: {
  readonly type: RecordType;
  readonly types: readonly RecordType[];
  readonly onClose: () => void;
}) {
  const client = useClient();
  const { run, busy, error, clear } = useCommand();
  const form = useId();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<FieldKind>('text');
  const [options, setOptions] = useState('');
  const [target, setTarget] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const visible = types.filter(({ hidden }) => !hidden);
  const nameMissing = name.trim() === '';
  const targetMissing = kind === 'link' && target === null;
  const hasOptions = kind === 'select' || kind === 'multiSelect';

  const add = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (nameMissing || targetMissing || busy) return;
    const field: NewField = {
      id: client.mintId(),
      name: name.trim(),
      kind,
      ...(hasOptions && {
        options: optionNames(options).map((option, index) => ({
          id: client.mintId(),
          name: option,
          tint: tintInList(option, index),
        })),
      }),
      ...(kind === 'link' && target !== null && { target: target as EntityId }),
    };
    if (await run({ kind: 'createField', type: type.id, field })) onClose();
  };

  return (
    <Dialog
      title="Add a field"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" form={form} variant="primary">
            {busy ? 'Adding…' : 'Add field'}
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={(event) => void add(event)}>
        <TextField
          label="Name"
          autoFocus
          maxLength={100}
          value={name}
          error={tried && nameMissing ? 'A name is needed' : undefined}
          onChange={(text) => {
            setName(text);
            clear();
          }}
        />
        <fieldset className={styles.kinds}>
          <legend>What it holds</legend>
          {FIELD_KIND_WORDS.map((words) => (
            <label key={words.kind} className={styles.kind}>
              <input
                type="radio"
                name={`${form}-kind`}
                aria-label={words.name}
                aria-describedby={`${form}-${words.kind}`}
                checked={words.kind === kind}
                onChange={() => setKind(words.kind)}
              />
              <words.icon aria-hidden size={18} strokeWidth={1.8} />
              <span className={styles.kindName}>{words.name}</span>
              <span className={styles.explanation} id={`${form}-${words.kind}`}>
                {words.explanation}
              </span>
            </label>
          ))}
        </fieldset>
        {hasOptions && (
          <TextArea
            label="Options"
            hint="One on each line. You can add, rename and colour them later."
            value={options}
            onChange={setOptions}
          />
        )}
        {kind === 'link' && (
          <Select
            label="Records of"
            choices={visible.map(({ id, name }) => ({ id, label: name }))}
            value={target}
            error={tried && targetMissing ? 'Choose which records it points to' : undefined}
            onChange={setTarget}
          />
        )}
        {error !== undefined && <FieldError text={error} />}
      </form>
    </Dialog>
  );
}

/** The lines of a text that are not empty, each once. */
function optionNames(text: string): readonly string[] {
  const names = text
    .split('\n')
    .map((line) => line.trim().slice(0, 100))
    .filter((line) => line !== '');
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()];
}
