import { useState } from 'react';
import type { Field, Filter } from '../../../core/query.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { localWriting, valueOf } from '../record/drafts.ts';
import styles from './filter-panel.module.css';
import { testsFor, testWords } from './filter-words.ts';

/** Field, test and value of a new filter. */
export function FilterForm({
  fields,
  onAdd,
}: {
  readonly fields: readonly Field[];
  readonly onAdd: (filter: Filter) => void;
}) {
  const [fieldId, setFieldId] = useState(fields[0]?.id);
  const [test, setTest] = useState<Filter['test'] | null>(null);
  const [text, setText] = useState('');
  const [error, setError] = useState<string | undefined>();
  const field = fields.find((each) => each.id === fieldId);
  if (field === undefined) return <p>There is no field to filter by.</p>;
  const tests = testsFor(field);
  const chosen = test !== null && tests.includes(test) ? test : (tests[0] ?? 'notEmpty');

  const add = () => {
    const made = makeFilter(field, chosen, text);
    if (typeof made === 'string') setError(made);
    else onAdd(made);
  };

  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <Select
        label="Field"
        choices={fields.map(({ id, name }) => ({ id, label: name }))}
        value={field.id}
        onChange={(id) => {
          setFieldId(fields.find((each) => each.id === id)?.id);
          setText('');
          setError(undefined);
        }}
      />
      <Select
        label="Test"
        labelHidden
        choices={tests.map((each) => ({ id: each, label: testWords(field, each) }))}
        value={chosen}
        onChange={(id) => setTest(tests.find((each) => each === id) ?? null)}
      />
      {chosen !== 'empty' && chosen !== 'notEmpty' && (
        <FilterValue field={field} text={text} onText={setText} error={error} />
      )}
      <div className={styles.actions}>
        <Button type="submit" variant="primary">
          Add filter
        </Button>
      </div>
    </form>
  );
}

function FilterValue({
  field,
  text,
  onText,
  error,
}: {
  readonly field: Field;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly error: string | undefined;
}) {
  if (field.kind === 'checkbox') {
    return (
      <Select
        label="Value"
        labelHidden
        error={error}
        choices={[
          { id: 'yes', label: 'ticked' },
          { id: 'no', label: 'not ticked' },
        ]}
        value={text === '' ? 'yes' : text}
        onChange={(id) => onText(id ?? '')}
      />
    );
  }
  if (field.kind === 'select' || field.kind === 'multiSelect') {
    return (
      <Select
        label="Value"
        labelHidden
        error={error}
        choices={field.options.map(({ id, name, tint }) => ({ id, label: name, tint }))}
        value={text === '' ? null : text}
        onChange={(id) => onText(id ?? '')}
      />
    );
  }
  const day = field.kind === 'date' || field.kind === 'dateTime';
  return (
    <TextField label="Value" labelHidden type={day ? 'date' : 'text'} error={error} value={text} onChange={onText} />
  );
}

/** The filter, or what is wrong with its value. */
function makeFilter(field: Field, test: Filter['test'], text: string): Filter | string {
  const { id } = field;
  if (test === 'empty' || test === 'notEmpty') return { field: id, test };
  if (field.kind === 'checkbox') return { field: id, test: 'is', value: text !== 'no' };
  if (text.trim() === '') return 'Choose a value';
  if (test === 'contains') return { field: id, test, value: text.trim() };
  if (field.kind === 'multiSelect') return { field: id, test: test === 'isNot' ? 'isNot' : 'is', value: text };
  if (field.kind === 'dateTime') {
    // A day on the person's clock: from its first moment to its last.
    const moment = new Date(`${text}T${test === 'atMost' ? '23:59:59.999' : '00:00'}`);
    if (Number.isNaN(moment.getTime())) return 'Choose a day';
    return { field: id, test: test === 'atMost' ? 'atMost' : 'atLeast', value: moment.toISOString() };
  }
  const read = valueOf(field, text, localWriting(navigator.language));
  if (!read.ok) return read.error;
  if (test === 'is' || test === 'isNot') return { field: id, test, value: read.value };
  return typeof read.value === 'number' || typeof read.value === 'string'
    ? { field: id, test, value: read.value }
    : 'Choose a value';
}
