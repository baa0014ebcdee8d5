import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { classes } from '../../ui/classes.ts';
import { FieldError } from '../../ui/field-frame.tsx';
import styles from './name-field.module.css';

/**
 * A name that is read like text and edited in place: saved on Enter or when it is left, taken back with Escape. What was
 * typed stays while it cannot be saved.
 */
export function NameField({
  label,
  name,
  onSave,
  large = false,
  framed = false,
}: {
  readonly label: string;
  readonly name: string;
  /** Saves a name that is trimmed, not empty and new; answers why it was not saved, or nothing. */
  readonly onSave: (name: string) => Promise<string | undefined>;
  readonly large?: boolean;
  /** Shows that it can be edited, where it does not stand in a list of such names. */
  readonly framed?: boolean;
}) {
  const id = useId();
  const [draft, setDraft] = useState<string | null>(null);
  const [error, setError] = useState<string | undefined>(undefined);
  const cancelled = useRef(false);
  // A saved draft stays in sight until the book answers with it, so that the old name does not flash up in between.
  const [saved, setSaved] = useState(false);
  const [lastName, setLastName] = useState(name);
  if (name !== lastName) {
    setLastName(name);
    if (saved) {
      setSaved(false);
      setDraft(null);
    }
  }

  const save = async () => {
    if (draft === null || saved || cancelled.current) return;
    const bare = draft.replace(/\s+/g, ' ').trim();
    if (bare === name) {
      setDraft(null);
      setError(undefined);
      return;
    }
    const reason = bare === '' ? 'A name is needed' : bare.length > 100 ? 'At most 100 characters' : await onSave(bare);
    setError(reason);
    if (reason === undefined) setSaved(true);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') event.currentTarget.blur();
    if (event.key !== 'Escape' || draft === null) return;
    event.stopPropagation();
    cancelled.current = true;
    setDraft(null);
    setError(undefined);
    event.currentTarget.blur();
    cancelled.current = false;
  };

  return (
    <div className={styles.frame}>
      <input
        className={classes(styles.name, large && styles.large, framed && styles.framed)}
        aria-label={label}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={error === undefined ? undefined : id}
        autoComplete="off"
        spellCheck={false}
        value={draft ?? name}
        onChange={(event) => {
          setSaved(false);
          setDraft(event.target.value);
        }}
        onBlur={() => void save()}
        onKeyDown={onKeyDown}
      />
      {error !== undefined && <FieldError id={id} text={error} />}
    </div>
  );
}
