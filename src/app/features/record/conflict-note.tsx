import { Split } from 'lucide-react';
import { useState } from 'react';
import { millisOf } from '../../../core/timestamp.ts';
import type { Conflict, Field, PeopleAnswer } from '../../../core/query.ts';
import type { EventId } from '../../../core/ids.ts';
import { wordsForError } from '../../outcome-words.ts';
import { Button } from '../../ui/button.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useClient } from '../../use-client.tsx';
import { authorOf, shortAuthor } from '../history/authors.ts';
import { whenWords } from '../history/when.ts';
import styles from './conflict-note.module.css';
import { useTitle } from './use-title.ts';
import { valueText } from './value-text.ts';

type Version = Conflict['versions'][number];

/** Two devices wrote different values: one sentence, and a click to use either. Nothing is discarded. */
export function ConflictNote({
  conflict,
  field,
  people,
}: {
  readonly conflict: Conflict;
  readonly field: Field | null;
  readonly people: PeopleAnswer | undefined;
}) {
  const client = useClient();
  const now = useNow(60_000);
  const [error, setError] = useState<string | null>(null);
  const use = (eventId: EventId) => {
    setError(null);
    void client
      .execute({ kind: 'restoreValue', entityId: conflict.entityId, attribute: conflict.attribute, eventId })
      .then((outcome) => setError(outcome.ok ? null : wordsForError(outcome.error)));
  };
  return (
    <div className={styles.note} role="group" aria-label={`Two values for ${field?.name ?? 'this field'}`}>
      <Split aria-hidden size={16} className={styles.mark} />
      <div>
        <p>
          {conflict.versions.map((version, at) => (
            <span key={version.eventId}>
              {at > 0 && ', '}
              {inSentence(shortAuthor(authorOf(people, version.clientId)), at)} wrote{' '}
              <VersionValue version={version} field={field} />{' '}
              <span className={styles.when}>({whenWords(millisOf(version.timestamp), now)})</span>
            </span>
          ))}
          . Neither knew of the other.
        </p>
        <div className={styles.actions}>
          {conflict.versions.map((version) => (
            <Button key={version.eventId} size="small" onPress={() => use(version.eventId)}>
              Use <VersionValue version={version} field={field} short />
            </Button>
          ))}
        </div>
        {error !== null && <FieldError text={error} />}
      </div>
    </div>
  );
}

/** `You` begins a sentence, `you` goes on in one. */
const inSentence = (name: string, at: number): string => (at > 0 && name === 'You' ? 'you' : name);

function VersionValue({
  version,
  field,
  short = false,
}: {
  readonly version: Version;
  readonly field: Field | null;
  readonly short?: boolean;
}) {
  const { value } = version;
  const linked = useTitle(field?.kind === 'link' && typeof value === 'string' ? value : null);
  if (version.value === null) return <em>nothing</em>;
  if (field === null && typeof value === 'boolean') return <em>{value ? 'Yes' : 'No'}</em>;
  const text = valueText(
    field?.kind ?? null,
    value,
    (id) => field?.options.find((option) => option.id === id)?.name ?? linked,
  );
  const limit = short ? 24 : 120;
  const cut = text.length > limit ? `${text.slice(0, limit).toWellFormed()}…` : text;
  return short ? cut : <strong>{cut}</strong>;
}
