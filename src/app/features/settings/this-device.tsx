import { parseId, type EntityId } from '../../../core/ids.ts';
import { wordsForError } from '../../outcome-words.ts';
import { useAnswer, useClient } from '../../use-client.tsx';
import { guessDeviceName } from '../devices/device-name.ts';
import { useAccount } from '../devices/use-account.ts';
import { NameField } from '../types/name-field.tsx';

/** How this device is called in the history, and on other devices once it syncs. */
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
  return (
    <NameField
      framed
      label="Name of this device"
      name={self?.name || guessDeviceName(navigator.userAgent)}
      onSave={save}
    />
  );
}
