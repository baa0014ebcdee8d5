import { type RefObject, useRef, useState } from 'react';
import type { Field, RecordRow } from '../../../core/query.ts';
import type { JsonValue } from '../../../core/value.ts';
import { FieldError } from '../../ui/field-frame.tsx';
import { later } from '../../ui/later.tsx';
import { isTyped } from '../record/drafts.ts';
import { TextEditor } from '../record/text-editor.tsx';
import { titleOr } from '../record/title.ts';
import styles from './cell-editor.module.css';

// Lists to choose from come after the first screen.
const LinkPicker = later(async () => (await import('../record/link-picker.tsx')).LinkPicker);
const OptionList = later(async () => (await import('../record/option-list.tsx')).OptionList);

export type EditEnd = 'enter' | 'tab' | 'backTab' | 'escape' | 'blur';

interface Problem {
  readonly reason: string;
  readonly text: string;
}

/** The editor in a cell, by the kind of its field. */
export function CellEditor({
  field,
  row,
  value,
  start,
  anchor,
  onSave,
  onRefuse,
  onDone,
}: {
  readonly field: Field;
  readonly row: RecordRow;
  readonly value: JsonValue | undefined;
  readonly start: string | undefined;
  readonly anchor: RefObject<HTMLElement | null>;
  readonly onSave: (value: JsonValue) => void;
  /** The edit was left with a text that means nothing. */
  readonly onRefuse: (text: string, reason: string) => void;
  readonly onDone: (how: EditEnd) => void;
}) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const lastProblem = useRef<Problem | null>(null);
  if (isTyped(field)) {
    return (
      <span className={styles.editor} data-long={field.kind === 'longText' || undefined}>
        <TextEditor
          field={field}
          value={value}
          start={start}
          label={field.name}
          focusAtOnce
          invalid={problem !== null}
          className={styles.input}
          onSave={onSave}
          onProblem={(found) => {
            lastProblem.current = found;
            setProblem(found);
          }}
          onDone={(how) => {
            const found = lastProblem.current;
            if (how === 'blur' && found !== null) onRefuse(found.text, found.reason);
            onDone(how);
          }}
        />
        {problem !== null && (
          <span className={styles.problem}>
            <FieldError text={problem.reason} />
          </span>
        )}
      </span>
    );
  }
  if (field.kind === 'link') {
    const linked = typeof value === 'string' ? titleOr(row.links[value] ?? '') : '';
    return (
      <span className={styles.editor} data-link>
        <LinkPicker
          field={field}
          title={linked}
          labelHidden
          focusAtOnce
          start={start ?? ''}
          onPick={(picked) => {
            if (picked !== (value ?? null)) onSave(picked);
            onDone('enter');
          }}
          onLeave={() => onDone('blur')}
        />
      </span>
    );
  }
  return (
    <OptionList
      field={field}
      value={value}
      anchor={anchor}
      onDone={(chosen) => {
        if (chosen !== undefined && JSON.stringify(chosen) !== JSON.stringify(value ?? null)) onSave(chosen);
        onDone('enter');
      }}
    />
  );
}
