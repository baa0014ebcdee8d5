import { useEffect } from 'react';
import { useAnswer, useValue } from '../../use-client.tsx';
import { changePreferences, preferences } from '../settings/preferences.ts';

/** Asks the browser to keep what is stored here, once, after the first record of the person's own is saved. */
export function KeepStorage() {
  const { askedToKeep } = useValue(preferences);
  const schema = useAnswer({ kind: 'schema' });
  const own = schema?.types.some(({ records, samples }) => records > samples) ?? false;
  useEffect(() => {
    if (!own || askedToKeep || !('storage' in navigator)) return;
    // Some browsers put a question to the person, so it is asked once; Settings can ask again.
    void changePreferences({ askedToKeep: true });
    navigator.storage.persist().catch(() => undefined);
  }, [own, askedToKeep]);
  return null;
}
