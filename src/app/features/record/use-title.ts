import type { EntityId } from '../../../core/ids.ts';
import { useAnswer } from '../../use-client.tsx';
import { titleOr } from './title.ts';

const NOBODY = '00000000-0000-0000-0000-000000000000' as EntityId;

/** Title of a record by its id; undefined for none, and while it is not known. */
export function useTitle(id: string | null): string | undefined {
  const record = useAnswer({ kind: 'record', id: (id ?? NOBODY) as EntityId });
  return id === null || record == null ? undefined : titleOr(record.title);
}
