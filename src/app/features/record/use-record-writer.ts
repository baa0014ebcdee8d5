import { useCallback, useRef } from 'react';
import type { EntityId } from '../../../core/ids.ts';
import type { JsonValue } from '../../../core/value.ts';
import type { Outcome } from '../../client.ts';
import { useClient } from '../../use-client.tsx';

/**
 * Writes values of a record. One that is not made yet (`draft`) is made with its first value; what is typed meanwhile
 * waits for that, and makes it itself should that have failed.
 */
export function useRecordWriter(
  type: EntityId,
  id: EntityId,
  draft: boolean,
  onMade: (id: EntityId) => void,
): (field: EntityId, value: JsonValue) => Promise<Outcome> {
  const client = useClient();
  const making = useRef<Promise<boolean> | null>(null);
  return useCallback(
    async (field, value) => {
      const write = () => client.execute({ kind: 'setValues', changes: [{ entityId: id, field, value }] });
      if (!draft) return write();
      while (making.current !== null) if (await making.current) return write();
      if (value === null) return { ok: true, value: { timestamp: null, events: 0 } };
      const made = client.execute({ kind: 'createRecords', type, records: [{ id, values: { [field]: value } }] });
      making.current = made.then((outcome) => {
        if (!outcome.ok) making.current = null;
        return outcome.ok;
      });
      const outcome = await made;
      if (outcome.ok) onMade(id);
      return outcome;
    },
    [client, type, id, draft, onMade],
  );
}
