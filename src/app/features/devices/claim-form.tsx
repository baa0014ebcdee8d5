import { type FormEvent, useState } from 'react';
import type { ServerInfo } from '../../../protocol/account.ts';
import { Button } from '../../ui/button.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useClient } from '../../use-client.tsx';
import { guessDeviceName } from './device-name.ts';
import styles from './entry-form.module.css';
import { nameProblem } from './names-form.ts';

/** Makes this device the first of a server's owner, or brings an owner back who lost every device. */
export function ClaimForm({
  server,
  info,
  onDone,
}: {
  readonly server: string;
  readonly info: ServerInfo;
  readonly onDone: () => void;
}) {
  const client = useClient();
  const [person, setPerson] = useState('');
  const [device, setDevice] = useState(() => guessDeviceName(navigator.userAgent));
  const [code, setCode] = useState('');
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const needsCode = !info.claimableHere;
  const problems = {
    person: nameProblem(person),
    device: nameProblem(device),
    code: needsCode && code.trim() === '' ? 'The code that the server printed is needed' : undefined,
  };

  const claim = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (busy || Object.values(problems).some((problem) => problem !== undefined)) return;
    setBusy(true);
    const answer = await client.claim({
      serverUrl: server,
      setupCode: needsCode ? code.trim() : null,
      personName: person.trim(),
      deviceName: device.trim(),
    });
    setBusy(false);
    setError(answer.ok ? null : answer.error.message);
    if (answer.ok) onDone();
  };

  return (
    <form className={styles.form} onSubmit={(event) => void claim(event)}>
      {needsCode && (
        <TextField
          label="Setup code"
          hint={
            info.claimed
              ? 'Ask whoever keeps the server to run its setup-code command; it prints a new one.'
              : 'The server printed it when it was started.'
          }
          className={styles.code}
          spellCheck={false}
          autoCapitalize="characters"
          value={code}
          error={tried ? problems.code : undefined}
          onChange={setCode}
        />
      )}
      <TextField
        label="Your name"
        hint="The history says who changed what."
        autoComplete="name"
        value={person}
        error={tried ? problems.person : undefined}
        onChange={setPerson}
      />
      <TextField
        label="Name of this device"
        value={device}
        error={tried ? problems.device : undefined}
        onChange={setDevice}
      />
      {error !== null && <FieldError text={error} />}
      <div>
        <Button type="submit" variant="primary">
          {busy ? 'Asking the server…' : info.claimed ? 'Come back as the owner' : 'Use this server'}
        </Button>
      </div>
    </form>
  );
}
