import { Split } from 'lucide-react';
import { useState } from 'react';
import { millisOf } from '../../../core/timestamp.ts';
import type { Conflict, Field, PeopleAnswer } from '../../../core/query.ts';
import type { EventId } from '../../../core/ids.ts';
import type { JsonValue } from '../../../core/value.ts';
import { wordsForError } from '../../outcome-words.ts';
import { Button } from '../../ui/button.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { useCorrectedNow } from '../../corrected-now.ts';
import { useClient } from '../../use-client.tsx';
import { authorOf } from '../history/authors.ts';
import { momentWords, whenWords } from '../history/when.ts';
import styles from './conflict-note.module.css';
import { useTitle } from './use-title.ts';
import { valueText } from './value-text.ts';

type Version = Conflict['versions'][number];

/** Devices that did not know of each other wrote different values: who, where, when, and a click to use either. Nothing is discarded. */
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
  const now = useCorrectedNow(60_000);
  const [error, setError] = useState<string | null>(null);
  const use = (eventId: EventId) => {
    setError(null);
    void client
      .execute({ kind: 'restoreValue', entityId: conflict.entityId, attribute: conflict.attribute, eventId })
      .then((outcome) => setError(outcome.ok ? null : wordsForError(outcome.error)));
  };
  const { length } = conflict.versions;
  const count = length === 2 ? 'Two' : String(length);
  return (
    <div className={styles.note} role="group" aria-label={`${count} values for ${field?.name ?? 'this field'}`}>
      <Split aria-hidden size={16} className={styles.mark} />
      <div className={styles.words}>
        <p>{count} values were written by devices that did not know of each other.</p>
        <ul className={styles.versions}>
          {conflict.versions.map((version, at) => (
            <li key={version.eventId} className={styles.version}>
              <p>
                <VersionWords version={version} field={field} people={people} now={now} />
                {at === 0 && <span className={styles.saw}>The newest: it counts for now.</span>}
              </p>
              <Button size="small" onPress={() => use(version.eventId)}>
                Use <VersionValue value={version.value} field={field} short />
              </Button>
            </li>
          ))}
        </ul>
        <p className={styles.hint}>
          {field === null
            ? 'Choose one; both stay in the history.'
            : 'Choose one, or enter another value in the field: that settles it too. All of them stay in the history.'}
        </p>
        {error !== null && <FieldError text={error} />}
      </div>
    </div>
  );
}

/** "Ada wrote **Done** · Phone · Tue 14:02, and saw Open before it". */
function VersionWords({
  version,
  field,
  people,
  now,
}: {
  readonly version: Version;
  readonly field: Field | null;
  readonly people: PeopleAnswer | undefined;
  readonly now: number;
}) {
  const author = authorOf(people, version.clientId);
  const millis = millisOf(version.timestamp);
  return (
    <>
      {author.who} wrote <VersionValue value={version.value} field={field} />
      <span className={styles.when}>
        {author.device !== null && ` · ${author.device}`} ·{' '}
        <time title={momentWords(millis)}>{whenWords(millis, now)}</time>
      </span>
      <span className={styles.saw}>
        {version.saw.length === 0 ? (
          'and saw no value before it'
        ) : (
          <>
            and saw{' '}
            {version.saw.map((seen, at) => (
              <span key={seen.timestamp}>
                {at > 0 && ' and '}
                <VersionValue value={seen.value} field={field} />
              </span>
            ))}{' '}
            before it
          </>
        )}
      </span>
    </>
  );
}

function VersionValue({
  value,
  field,
  short = false,
}: {
  readonly value: JsonValue;
  readonly field: Field | null;
  readonly short?: boolean;
}) {
  const linked = useTitle(field?.kind === 'link' && typeof value === 'string' ? value : null);
  if (value === null) return <em>nothing</em>;
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
