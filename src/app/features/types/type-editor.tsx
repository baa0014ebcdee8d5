import { FileUp, Table2 } from 'lucide-react';
import { useState } from 'react';
import { Link, useParams } from 'wouter';
import type { RecordType } from '../../../core/query.ts';
import { wordsForError } from '../../outcome-words.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { Page, Section } from '../../ui/page.tsx';
import { Switch } from '../../ui/switch.tsx';
import { useAnswer, useClient } from '../../use-client.tsx';
import { titleFieldOf } from '../record/title.ts';
import { AddField } from './add-field.tsx';
import { FieldRow } from './field-row.tsx';
import { IconPicker } from './icon-picker.tsx';
import { MoveButtons } from './move-buttons.tsx';
import { NameField } from './name-field.tsx';
import styles from './type-editor.module.css';
import { useCommand } from './use-command.ts';

/** A type and its fields, each change saved as it is made. */
// oxlint-disable-next-line import/no-default-export -- loaded lazily
export default function TypeEditor() {
  const { typeId } = useParams<{ typeId: string }>();
  const schema = useAnswer({ kind: 'schema' });
  if (schema === undefined) return null;
  const type = schema.types.find(({ id }) => id === typeId);
  if (type === undefined) {
    return (
      <EmptyState drawing="magnifier" title="There is no such type" action={<Link href="/">Back to your records</Link>}>
        It may have been taken back with Undo, or made on another device that has not synced yet.
      </EmptyState>
    );
  }
  return <Editor key={type.id} type={type} types={schema.types} />;
}

function Editor({ type, types }: { readonly type: RecordType; readonly types: readonly RecordType[] }) {
  const client = useClient();
  const { run, error } = useCommand();
  // Fields that are added while one looks show their options at once.
  const [known] = useState(() => new Set(type.fields.map(({ id }) => id)));
  const title = titleFieldOf(type);
  return (
    <Page
      lead="Each change is saved as you make it, can be undone, and stands in the history."
      actions={
        <nav aria-label="Records of this type" className={styles.links}>
          <Link href={`/t/${type.id}`}>
            <Table2 aria-hidden size={16} /> See the records
          </Link>
          <Link href={`/import?type=${type.id}`}>
            <FileUp aria-hidden size={16} /> Import into it
          </Link>
        </nav>
      }
    >
      <Section title="Name and place">
        <div className={styles.name}>
          <IconPicker icon={type.icon} onChange={(icon) => void run({ kind: 'changeType', id: type.id, icon })} />
          <NameField
            large
            label="Name of the type"
            name={type.name}
            onSave={async (name) => {
              const outcome = await client.execute({ kind: 'changeType', id: type.id, name });
              return outcome.ok ? undefined : wordsForError(outcome.error);
            }}
          />
          <div className={styles.move}>
            <MoveButtons
              name={type.name}
              all={types}
              id={type.id}
              onMove={(after) => void run({ kind: 'moveType', id: type.id, after })}
            />
          </div>
        </div>
        {error !== undefined && <FieldError text={error} />}
        <Switch
          checked={!type.hidden}
          onChange={(shown) => void run({ kind: 'changeType', id: type.id, hidden: !shown })}
          hint="A hidden type keeps its records. You find it under Settings."
        >
          Show it in the sidebar
        </Switch>
      </Section>
      <Section
        title="Fields"
        note="In the order in which a record shows them. What a hidden field holds is kept, and comes back when you show it."
      >
        {type.fields.length > 0 && (
          <ol className={styles.fields} aria-label="Fields">
            {type.fields.map((field) => (
              <FieldRow
                key={field.id}
                field={field}
                type={type}
                types={types}
                isTitle={field.id === title?.id}
                openAtFirst={!known.has(field.id) && field.options.length === 0}
              />
            ))}
          </ol>
        )}
        <AddField type={type} types={types} />
      </Section>
    </Page>
  );
}
