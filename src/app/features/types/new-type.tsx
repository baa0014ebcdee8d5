import { FileSpreadsheet } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { Button } from '../../ui/button.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { Page, Section } from '../../ui/page.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useAnswer, useClient } from '../../use-client.tsx';
import { TemplateList } from '../first-run/template-list.tsx';
import { IconPicker } from './icon-picker.tsx';
import styles from './new-type.module.css';
import { useCommand } from './use-command.ts';

/** Makes a type: blank with a name and one field for titles, from a template, or from a file. */
// oxlint-disable-next-line import/no-default-export -- loaded lazily
export default function NewType() {
  const client = useClient();
  const [, navigate] = useLocation();
  const schema = useAnswer({ kind: 'schema' });
  const { run, busy, error, clear } = useCommand();
  const [name, setName] = useState('');
  const [icon, setIcon] = useState('file');
  const [tried, setTried] = useState(false);

  const make = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === '' || busy) return;
    const id = client.mintId();
    const fields = [
      { id: client.mintId(), name: 'Name', kind: 'text' },
      { id: client.mintId(), name: 'Notes', kind: 'longText' },
    ] as const;
    if (await run({ kind: 'createType', id, name: name.trim(), icon, fields })) navigate(`/t/${id}/fields`);
  };

  return (
    <Page lead="A type is like a book of its own: its records all have the same fields. It starts with a name and notes; you add what else is needed.">
      <form className={styles.form} onSubmit={(event) => void make(event)}>
        <div className={styles.line}>
          <div className={styles.icon}>
            <IconPicker icon={icon} onChange={setIcon} />
          </div>
          <TextField
            label="Name"
            placeholder="Bicycles, Recipes, Incidents…"
            autoFocus
            maxLength={100}
            value={name}
            error={tried && name.trim() === '' ? 'A name is needed' : undefined}
            onChange={(text) => {
              setName(text);
              clear();
            }}
          />
          <Button type="submit" variant="primary" className={styles.submit}>
            {busy ? 'Making it…' : 'Make it'}
          </Button>
        </div>
        {error !== undefined && <FieldError text={error} />}
      </form>
      <p className={styles.import}>
        <Link href="/import">
          <FileSpreadsheet aria-hidden size={16} /> Or make one from a CSV file
        </Link>
      </p>
      {schema !== undefined && schema.types.length > 0 && (
        <Section title="Or start from a template">
          <TemplateList />
        </Section>
      )}
    </Page>
  );
}
