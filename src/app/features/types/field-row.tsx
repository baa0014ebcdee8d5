import { ChevronDown, Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import type { Field, RecordType } from '../../../core/query.ts';
import { wordsForError } from '../../outcome-words.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { useClient } from '../../use-client.tsx';
import { wordsOfKind } from './field-kinds.ts';
import { VisuallyHidden } from '../../ui/visually-hidden.tsx';
import styles from './field-row.module.css';
import { MoveButtons } from './move-buttons.tsx';
import { NameField } from './name-field.tsx';
import { OptionList } from './option-list.tsx';
import { useCommand } from './use-command.ts';

/** One field of a type: its kind, its name, its place, and for selects the options. */
export function FieldRow({
  field,
  type,
  types,
  isTitle,
  openAtFirst,
}: {
  readonly field: Field;
  readonly type: RecordType;
  readonly types: readonly RecordType[];
  /** Whether its value is what lists call a record. */
  readonly isTitle: boolean;
  /** Shows the options at once. */
  readonly openAtFirst: boolean;
}) {
  const client = useClient();
  const { run, error } = useCommand();
  const [open, setOpen] = useState(openAtFirst);
  const words = wordsOfKind(field.kind);
  const Icon = words.icon;
  const hasOptions = field.kind === 'select' || field.kind === 'multiSelect';
  const target = types.find(({ id }) => id === field.target);
  return (
    <li className={styles.row} data-hidden={field.hidden || undefined}>
      <div className={styles.line}>
        <span className={styles.icon}>
          <Icon aria-hidden size={18} strokeWidth={1.8} />
        </span>
        <div className={styles.words}>
          <NameField
            label={`Name of field ${field.name}`}
            name={field.name}
            onSave={async (name) => {
              const outcome = await client.execute({ kind: 'changeField', id: field.id, name });
              return outcome.ok ? undefined : wordsForError(outcome.error);
            }}
          />
          <span className={styles.kind}>
            {words.name}
            {target !== undefined && ` in ${target.name}`}
            {isTitle && ' · title of each record'}
            {field.hidden && ' · hidden'}
          </span>
        </div>
        <div className={styles.actions}>
          <MoveButtons
            name={field.name}
            all={type.fields}
            id={field.id}
            onMove={(after) => void run({ kind: 'moveField', id: field.id, after })}
          />
          <IconButton
            label={field.hidden ? `Show ${field.name}` : `Hide ${field.name}`}
            icon={field.hidden ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
            onPress={() => void run({ kind: 'changeField', id: field.id, hidden: !field.hidden })}
          />
        </div>
      </div>
      {hasOptions && (
        <div className={styles.below}>
          <Button
            variant="quiet"
            size="small"
            className={styles.toggle}
            aria-expanded={open}
            {...(open && { 'aria-label': `Close the options of ${field.name}` })}
            onPress={() => setOpen(!open)}
          >
            {open ? (
              'Options'
            ) : (
              <span className={styles.chips}>
                <VisuallyHidden>Edit the options of {field.name}:</VisuallyHidden>
                {field.options.length === 0 && 'No options yet'}
                {field.options.slice(0, 6).map((option) => (
                  <Chip key={option.id} name={option.name} tint={option.tint} />
                ))}
                {field.options.length > 6 && `and ${field.options.length - 6} more`}
              </span>
            )}
            <ChevronDown aria-hidden className={styles.chevron} />
          </Button>
          {open && <OptionList field={field} />}
        </div>
      )}
      {error !== undefined && <FieldError text={error} />}
    </li>
  );
}
