import { type FormEvent, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useClient } from '../../use-client.tsx';
import { guessDeviceName } from './device-name.ts';
import styles from './entry-form.module.css';
import { type JoinCode, readTypedCode } from './join-address.ts';
import { nameProblem } from './names-form.ts';

/** Makes this device one more of a book, by a one-time code that came with the link or is typed here. */
export function JoinForm({
  server,
  given,
  onDone,
}: {
  readonly server: string;
  /** The code of the link that was opened; null when there is none. */
  readonly given: JoinCode | null;
  readonly onDone: () => void;
}) {
  const client = useClient();
  const [typed, setTyped] = useState('');
  const [invited, setInvited] = useState(given?.forPerson ?? false);
  const [person, setPerson] = useState('');
  const [device, setDevice] = useState(() => guessDeviceName(navigator.userAgent));
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  // A code that came with the link and did not work is asked for anew.
  const [usesGiven, setUsesGiven] = useState(given !== null);
  const code = usesGiven ? given : readTypedCode(typed);
  const asNew = invited || code?.forPerson === true;
  const problems = {
    code: code === null ? 'A code is needed: the other device shows it' : undefined,
    person: asNew ? nameProblem(person) : undefined,
    device: nameProblem(device),
  };

  const join = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (busy || code === null || Object.values(problems).some((problem) => problem !== undefined)) return;
    setBusy(true);
    const answer = await client.join({
      serverUrl: server,
      code: code.code,
      personName: asNew ? person.trim() : null,
      deviceName: device.trim(),
    });
    setBusy(false);
    if (answer.ok) {
      onDone();
      return;
    }
    if (answer.error.message.startsWith('person:')) {
      setInvited(true);
      setError('This code invites somebody new: say your name, and try again.');
      return;
    }
    setError(answer.error.message);
    if (answer.error.kind === 'wrongCode') {
      setUsesGiven(false);
      // The field that appears was not left empty by anybody.
      setTried(false);
    }
  };

  return (
    <form className={styles.form} onSubmit={(event) => void join(event)}>
      {!usesGiven && (
        <TextField
          label="Code"
          hint="On a device that syncs already: Settings, Link a device. A code works once, for two minutes."
          className={styles.code}
          spellCheck={false}
          autoCapitalize="characters"
          value={typed}
          error={tried ? problems.code : undefined}
          onChange={setTyped}
        />
      )}
      {given?.forPerson !== true && (
        <Checkbox checked={asNew} onChange={setInvited} disabled={code?.forPerson === true}>
          Somebody else invited me, and I am new in their book
        </Checkbox>
      )}
      {asNew && (
        <TextField
          label="Your name"
          hint="The history says who changed what."
          autoComplete="name"
          value={person}
          error={tried ? problems.person : undefined}
          onChange={setPerson}
        />
      )}
      <TextField
        label="Name of this device"
        value={device}
        error={tried ? problems.device : undefined}
        onChange={setDevice}
      />
      {error !== null && <FieldError text={error} />}
      <div>
        <Button type="submit" variant="primary">
          {busy ? 'Linking…' : 'Link this device'}
        </Button>
      </div>
    </form>
  );
}
