import { type FormEvent, useId, useState } from 'react';
import { useClockOffset } from '../../corrected-now.ts';
import { lookAt, useMoment } from '../../moment.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { momentHeading } from '../history/when.ts';
import { endOf } from './moment-address.ts';
import styles from './moment-picker.module.css';
import { inputText, quickMoments, readInput } from './quick-moments.ts';

/** Asks for the moment at which to look at the book. */
export function MomentPicker({ onClose }: { readonly onClose: () => void }) {
  const form = useId();
  const present = useMoment();
  // The clock is read once: choices that move away while one reads them are hard to choose.
  const offset = useClockOffset();
  const [now] = useState(() => Date.now() - offset);
  const quick = quickMoments(now);
  const [text, setText] = useState(() => inputText(quick[0]?.millis ?? now));
  const [error, setError] = useState<string | undefined>();
  const look = (millis: number) => {
    onClose();
    lookAt({ at: endOf(millis), reading: present?.reading ?? 'dated' });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const read = readInput(text, now);
    if (typeof read === 'string') setError(read);
    else look(read);
  };
  return (
    <Dialog
      title="See the book as of…"
      isOpen
      onClose={onClose}
      size="small"
      actions={
        <Button type="submit" form={form} variant="primary">
          See the book
        </Button>
      }
    >
      <p className={styles.lead}>
        The whole book as it was at a moment of the past, to read. Nothing is changed by looking.
      </p>
      <ul className={styles.quick}>
        {quick.map(({ id, label, millis }) => (
          <li key={id}>
            <button type="button" className={styles.choice} onClick={() => look(millis)}>
              {label}
              <span className={styles.when}>{momentHeading(millis)}</span>
            </button>
          </li>
        ))}
      </ul>
      <form id={form} onSubmit={submit}>
        <TextField
          label="Another date and time"
          type="datetime-local"
          max={inputText(now)}
          required
          value={text}
          error={error}
          onChange={(next) => {
            setText(next);
            setError(undefined);
          }}
        />
      </form>
    </Dialog>
  );
}
