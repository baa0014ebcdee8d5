import { ArrowUpRight, Mail, Phone } from 'lucide-react';
import { useCallback, useId, useState } from 'react';
import { Link } from 'wouter';
import type { EntityId } from '../../../core/ids.ts';
import type { Field, PeopleAnswer, RecordDetail } from '../../../core/query.ts';
import type { JsonValue } from '../../../core/value.ts';
import type { Outcome } from '../../client.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import control from '../../ui/control.module.css';
import { classes } from '../../ui/classes.ts';
import { FieldError } from '../../ui/field-frame.tsx';
import { recordPath } from '../shell/screen.ts';
import { ConflictNote } from './conflict-note.tsx';
import styles from './field-row.module.css';
import { LinkPicker } from './link-picker.tsx';
import { OptionField } from './option-field.tsx';
import { TextEditor } from './text-editor.tsx';
import { titleOr } from './title.ts';
import { useSave } from './use-save.ts';
import { hrefOf } from './value-text.ts';

/** One field of a record: its name, its value in the right editor, and what became of the last save. */
export function FieldRow({
  field,
  record,
  people,
  write,
  focusAtOnce,
}: {
  readonly field: Field;
  /** Null while the record is not made yet. */
  readonly record: RecordDetail | null;
  readonly people: PeopleAnswer | undefined;
  readonly write: (field: EntityId, value: JsonValue) => Promise<Outcome>;
  readonly focusAtOnce: boolean;
}) {
  const id = useId();
  const {
    state,
    shown: value,
    save,
    forget,
  } = useSave(
    record?.values[field.id] ?? null,
    useCallback((next: JsonValue) => write(field.id, next), [write, field.id]),
  );
  const [problem, setProblem] = useState<string | null>(null);
  const error = problem !== null ? `Not saved: ${problem}` : state.kind === 'failed' ? state.reason : null;
  const conflict = record?.conflicts.find((each) => (each.attribute as string) === field.id);
  const misfit = record?.misfits.find((each) => each.field === field.id);
  const described = [error !== null && `${id}-error`, misfit && `${id}-misfit`].filter(Boolean).join(' ') || undefined;
  const invalid = error !== null;

  return (
    <div
      className={styles.row}
      data-kind={field.kind}
      data-conflict={conflict !== undefined || undefined}
      data-unsaved={invalid || undefined}
    >
      <label className={styles.label} htmlFor={id} id={`${id}-label`}>
        {field.name}
      </label>
      <div className={styles.value}>
        <div className={styles.editor}>
          {field.kind === 'checkbox' ? (
            <Checkbox
              id={id}
              className={styles.checkbox}
              checked={value === true}
              onChange={(checked) => save(checked ? true : null)}
            />
          ) : field.kind === 'select' || field.kind === 'multiSelect' ? (
            <OptionField
              field={field}
              value={value}
              id={id}
              labelId={`${id}-label`}
              describedBy={described}
              invalid={invalid}
              onSave={save}
            />
          ) : field.kind === 'link' ? (
            <LinkPicker
              field={field}
              labelHidden
              className={styles.link}
              title={typeof value === 'string' ? titleOr(record?.links[value] ?? '') : ''}
              onPick={save}
            />
          ) : (
            <TextEditor
              field={field}
              value={value}
              id={id}
              describedBy={described}
              invalid={invalid}
              focusAtOnce={focusAtOnce}
              className={classes(control.control, field.kind === 'number' && control.number)}
              onSave={save}
              onProblem={(found) => setProblem(found?.reason ?? null)}
            />
          )}
          <Follow field={field} value={value} links={record?.links ?? {}} />
          <span className={styles.saved} data-shown={state.kind === 'saved' || undefined} role="status">
            {state.kind === 'saved' && 'Saved'}
          </span>
        </div>
        {error !== null && (
          <div className={styles.error} id={`${id}-error`}>
            <FieldError text={error} />
            {state.kind === 'failed' && problem === null && (
              <span className={styles.retry}>
                <Button size="small" onPress={() => save(state.value)}>
                  Try again
                </Button>
                <Button size="small" variant="quiet" onPress={forget}>
                  Leave it
                </Button>
              </span>
            )}
          </div>
        )}
        {misfit && (
          <p className={styles.misfit} id={`${id}-misfit`}>
            This value no longer fits the field: {misfit.reason}. It is kept until you change it.
          </p>
        )}
        {conflict && <ConflictNote conflict={conflict} field={field} people={people} />}
      </div>
    </div>
  );
}

/** Goes where the value points. */
function Follow({
  field,
  value,
  links,
}: {
  readonly field: Field;
  readonly value: JsonValue | undefined;
  readonly links: { readonly [id: string]: string };
}) {
  if (field.kind === 'link') {
    if (typeof value !== 'string' || field.target === null || !(value in links)) return null;
    const words = `Open ${titleOr(links[value] ?? '')}`;
    return (
      <Link
        href={recordPath(field.target, value as EntityId)}
        className={styles.follow ?? ''}
        aria-label={words}
        title={words}
      >
        <ArrowUpRight aria-hidden size={16} />
      </Link>
    );
  }
  const href = hrefOf(field.kind, value);
  if (href === null) return null;
  const words = `${field.kind === 'email' ? 'Write to' : field.kind === 'phone' ? 'Call' : 'Open'} ${typeof value === 'string' ? value : ''}`;
  const Icon = field.kind === 'email' ? Mail : field.kind === 'phone' ? Phone : ArrowUpRight;
  return (
    <a
      href={href}
      target={field.kind === 'url' ? '_blank' : undefined}
      rel="noopener noreferrer"
      className={styles.follow}
      aria-label={words}
      title={words}
    >
      <Icon aria-hidden size={16} />
    </a>
  );
}
