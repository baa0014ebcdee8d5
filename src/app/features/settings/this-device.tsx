import { parseId, type EntityId } from '../../../core/ids.ts';
import type { PeopleAnswer } from '../../../core/query.ts';
import type { Account } from '../../../protocol/worker.ts';
import { wordsForError } from '../../outcome-words.ts';
import { useAnswer, useClient } from '../../use-client.tsx';
import { guessDeviceName } from '../devices/device-name.ts';
import { useAccount } from '../devices/use-account.ts';
import { NameField } from '../types/name-field.tsx';
import styles from './settings.module.css';

/** How this device is called in the history, and its person, once it syncs; other devices say the same. */
export function ThisDevice() {
  const client = useClient();
  const people = useAnswer({ kind: 'people' });
  const account = useAccount();
  if (people === undefined || account === undefined) return null;
  const self = people.clients.find(({ id }) => id === people.self);
  const save = async (name: string): Promise<string | undefined> => {
    if (account !== null) {
      const answer = await client.renameDevice(account.clientId, name);
      return answer.ok ? undefined : answer.error.message;
    }
    const id = parseId<EntityId>(people.self);
    if (id === null) return 'This device has no id';
    const outcome = await client.execute({ kind: 'nameDevice', client: id, user: null, name });
    return outcome.ok ? undefined : wordsForError(outcome.error);
  };
  const device = (
    <NameField
      framed
      label="Name of this device"
      name={self?.name || guessDeviceName(navigator.userAgent)}
      onSave={save}
    />
  );
  if (account === null) return device;
  // Each field has its name already for those who listen.
  return (
    <div className={styles.choices}>
      <span aria-hidden>Name of this device</span>
      {device}
      <span aria-hidden>Your name</span>
      <YourName account={account} people={people} />
    </div>
  );
}

/** What the history calls the person whose device this is. */
function YourName({ account, people }: { readonly account: Account; readonly people: PeopleAnswer }) {
  const client = useClient();
  const save = async (name: string): Promise<string | undefined> => {
    const user = parseId<EntityId>(account.userId);
    if (user === null) return 'You have no id on this server';
    const outcome = await client.execute({ kind: 'namePerson', user, name });
    return outcome.ok ? undefined : wordsForError(outcome.error);
  };
  const person = people.users.find(({ id }) => id === account.userId);
  return <NameField framed label="Your name" name={person?.name ?? ''} onSave={save} />;
}
