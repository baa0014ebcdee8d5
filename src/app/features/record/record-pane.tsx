import { ArrowLeft, ChevronDown, ChevronUp, Trash2, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { EntityId } from '../../../core/ids.ts';
import type { RecordDetail, RecordType } from '../../../core/query.ts';
import { millisOf } from '../../../core/timestamp.ts';
import { wordsForError } from '../../outcome-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useMoment } from '../../moment.tsx';
import { useNarrow } from '../../ui/use-media.ts';
import { useCorrectedNow } from '../../corrected-now.ts';
import { useAnswer, useClient } from '../../use-client.tsx';
import { authorOf } from '../history/authors.ts';
import { HistoryTab } from '../history/history-tab.tsx';
import { whenWords } from '../history/when.ts';
import { RestoreButton } from '../past/restore-button.tsx';
import { useDelete } from '../records/use-delete.ts';
import { tabTitle } from '../shell/screen.ts';
import { FieldRow } from './field-row.tsx';
import { FieldsThen } from './fields-then.tsx';
import { LinkedFrom } from './linked-from.tsx';
import styles from './record-pane.module.css';
import { shownFields, titleFieldOf, titleOr } from './title.ts';
import { useRecordWriter } from './use-record-writer.ts';

export interface RecordPaneProps {
  readonly type: RecordType;
  readonly open: EntityId | 'new';
  readonly onClose: () => void;
  readonly onStep: (by: 1 | -1) => void;
  /** Where it stands in the list beside it; null when that is not known. */
  readonly place: { readonly index: number; readonly total: number } | null;
  /** A new record was saved for the first time. */
  readonly onMade: (id: EntityId) => void;
}

/** One record beside (on a phone: instead of) its list. */
export function RecordPane(props: RecordPaneProps) {
  const client = useClient();
  const [draft, setDraft] = useState(() => client.mintId());
  const [lastOpen, setLastOpen] = useState(props.open);
  if (props.open !== lastOpen) {
    setLastOpen(props.open);
    if (props.open === 'new') setDraft(client.mintId());
  }
  const id = props.open === 'new' ? draft : props.open;
  // A new record keeps its place on the screen, and the focus, when it is made.
  return <OpenRecord key={id} {...props} id={id} draft={props.open === 'new'} />;
}

function OpenRecord({
  type,
  id,
  draft,
  onClose,
  onStep,
  place,
  onMade,
}: RecordPaneProps & { readonly id: EntityId; readonly draft: boolean }) {
  const narrow = useNarrow();
  const moment = useMoment();
  const record = useAnswer({ kind: 'record', id });
  const remove = useDelete();
  const [tab, setTab] = useState<'fields' | 'history'>('fields');
  const [startedNew] = useState(draft);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!startedNew) heading.current?.focus({ preventScroll: true });
  }, [startedNew]);
  // Made, and not yet answered by the book: what is typed, its confirmation and the focus stay as they are.
  const unanswered = startedNew && record == null;
  const title = record == null ? (unanswered ? 'New record' : '') : titleOr(record.title);
  useEffect(() => {
    if (title !== '') document.title = tabTitle([title, type.name], moment);
  }, [title, type.name, moment]);

  const shown = record ?? null;
  return (
    <section className={styles.pane} aria-label={title === '' ? 'Record' : title} data-lines>
      <header className={styles.bar}>
        {narrow ? (
          <Button variant="quiet" icon={<ArrowLeft aria-hidden />} onPress={onClose} className={styles.back}>
            {type.name}
          </Button>
        ) : (
          <IconButton label="Close record" keys="Esc" icon={<X aria-hidden />} onPress={onClose} />
        )}
        <span className={styles.spring} />
        {place !== null && (
          <>
            <IconButton
              label="Previous record"
              keys="K"
              icon={<ChevronUp aria-hidden />}
              isDisabled={place.index <= 0}
              onPress={() => onStep(-1)}
            />
            <IconButton
              label="Next record"
              keys="J"
              icon={<ChevronDown aria-hidden />}
              isDisabled={place.index >= place.total - 1}
              onPress={() => onStep(1)}
            />
          </>
        )}
        {shown !== null && moment !== null && <RestoreButton ids={[id]} moment={moment} />}
        {shown !== null && moment === null && !shown.deleted && (
          <IconButton
            label="Move to Trash"
            icon={<Trash2 aria-hidden />}
            onPress={() => {
              // Whoever has gone elsewhere meanwhile stays there.
              void remove([id]).then((done) => done && heading.current !== null && onClose());
            }}
          />
        )}
      </header>
      {shown?.deleted && <InTrash record={shown} past={moment !== null} />}
      <div className={styles.page}>
        <h2 ref={heading} tabIndex={-1} className={styles.title} data-untitled={shown?.title === '' || undefined}>
          {title}
        </h2>
        {record === null && !unanswered ? (
          <EmptyState
            drawing="magnifier"
            title={moment === null ? 'This record is not here' : 'This record was not there yet'}
            action={<Button onPress={onClose}>Back to {type.name}</Button>}
          >
            {moment === null ? 'It may be on its way from another device.' : 'It was made after this moment.'}
          </EmptyState>
        ) : record === undefined && !unanswered ? null : (
          <Tabs
            label="Record"
            tabs={
              shown === null
                ? [{ id: 'fields', label: 'Fields' }]
                : [
                    { id: 'fields', label: 'Fields' },
                    { id: 'history', label: 'History' },
                  ]
            }
            selected={tab}
            onSelect={setTab}
          >
            {tab === 'history' ? (
              <HistoryTab id={id} />
            ) : shown !== null && moment !== null ? (
              <FieldsThen type={type} record={shown} />
            ) : (
              <Fields type={type} id={id} draft={draft} focusFirst={startedNew} record={shown} onMade={onMade} />
            )}
          </Tabs>
        )}
      </div>
    </section>
  );
}

function Fields({
  type,
  id,
  draft,
  focusFirst,
  record,
  onMade,
}: {
  readonly type: RecordType;
  readonly id: EntityId;
  readonly draft: boolean;
  readonly focusFirst: boolean;
  readonly record: RecordDetail | null;
  readonly onMade: (id: EntityId) => void;
}) {
  const people = useAnswer({ kind: 'people' });
  const now = useCorrectedNow(60_000);
  const write = useRecordWriter(type.id, id, draft, onMade);
  const fields = shownFields(type);
  const first = titleFieldOf(type) ?? fields[0];
  const changed = record === null ? null : authorOf(people, record.changedBy);
  return (
    <div className={styles.fields}>
      {fields.map((field) => (
        <FieldRow
          key={field.id}
          field={field}
          record={record}
          people={people}
          write={write}
          focusAtOnce={focusFirst && field.id === first?.id}
        />
      ))}
      {record !== null && changed !== null ? (
        <p className={styles.meta}>
          Made {whenWords(millisOf(record.createdAt), now)} · last changed {whenWords(millisOf(record.changedAt), now)}{' '}
          by {changed.who === 'You' ? 'you' : changed.who}
          {!changed.here && changed.device !== null && ` on ${changed.device}`}
          {record.waiting && ' · waiting to be sent'}
          {record.refused && (
            <>
              {' · '}
              <Link href="/attention">a change was refused by the server</Link>
            </>
          )}
        </p>
      ) : (
        <p className={styles.meta}>It is saved with the first value you enter.</p>
      )}
      {record !== null && <LinkedFrom id={id} />}
    </div>
  );
}

function InTrash({ record, past }: { readonly record: RecordDetail; readonly past: boolean }) {
  const client = useClient();
  const toast = useToast();
  const restore = () => {
    void client.execute({ kind: 'restoreRecords', ids: [record.id] }).then((outcome) => {
      if (!outcome.ok) toast({ text: wordsForError(outcome.error), tone: 'alert' });
    });
  };
  if (past) {
    return (
      <Banner tone="amber" icon={<Trash2 aria-hidden />}>
        This record was in the Trash.
      </Banner>
    );
  }
  return (
    <Banner
      tone="amber"
      icon={<Trash2 aria-hidden />}
      action={
        <Button size="small" onPress={restore}>
          Restore
        </Button>
      }
    >
      This record is in the Trash.
    </Banner>
  );
}
