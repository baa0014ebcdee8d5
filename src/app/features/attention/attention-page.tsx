import { Download, RotateCcw, Trash2 } from 'lucide-react';
import { useId, useState } from 'react';
import type { AttentionKind, ThingGroup, ThingId } from '../../../core/attention.ts';
import type { PeopleAnswer } from '../../../core/query.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useAnswer } from '../../use-client.tsx';
import { More } from '../history/more.tsx';
import page from '../shell/page.module.css';
import styles from './attention-page.module.css';
import { ThingItem } from './thing-item.tsx';
import { GROUPS } from './thing-words.ts';
import { type ThingDeeds, useThingDeeds } from './use-thing-deeds.ts';

const PAGE = 10;

/** What is asked about before it is discarded: one thing, or (null) so many of a kind. */
interface Doomed {
  readonly kind: AttentionKind;
  readonly id: ThingId | null;
  readonly count: number;
}

/** What sync could not deal with by itself, and what was discarded of it. */
// oxlint-disable-next-line import/no-default-export -- loaded lazily
export default function AttentionPage() {
  const [limit, setLimit] = useState(PAGE);
  const answer = useAnswer({ kind: 'attention', limit });
  const people = useAnswer({ kind: 'people' });
  const now = useNow(60_000);
  const deeds = useThingDeeds();
  const [doomed, setDoomed] = useState<Doomed | null>(null);
  const [last, setLast] = useState(answer);
  if (answer !== undefined && answer !== last) setLast(answer);
  const shown = answer ?? last;
  if (shown === undefined) return null;
  const { groups, discarded } = shown;
  const hidden = [...groups, ...discarded].some((group) => group.things.length < group.total);
  const group = (each: ThingGroup) => (
    <Group key={each.kind} group={each} people={people} now={now} deeds={deeds} onDiscard={setDoomed} />
  );
  return (
    <>
      {groups.length + discarded.length === 0 ? (
        <EmptyState drawing="balance" title="Nothing needs attention">
          What the server refuses, and what arrives and cannot be read, is kept and listed here. Everything else goes
          on.
        </EmptyState>
      ) : (
        <div className={page.page}>
          <p className={page.lead}>
            {groups.length === 0
              ? 'Nothing needs attention.'
              : 'Nothing of this is lost, and nothing else waits for it. Decide when you have the time.'}
          </p>
          {groups.map(group)}
          {discarded.length > 0 && (
            <section aria-labelledby="discarded" className={styles.discarded}>
              <h2 id="discarded" className={styles.heading}>
                Discarded
              </h2>
              <p className={page.soft}>Neither counted nor tried any more. Kept, in case you change your mind.</p>
              <ul className={page.list}>
                {discarded.flatMap(({ things }) =>
                  things.map((thing) => (
                    <ThingItem
                      key={`${thing.kind} ${thing.id}`}
                      thing={thing}
                      people={people}
                      now={now}
                      deeds={deeds}
                      onDiscard={() => undefined}
                    />
                  )),
                )}
              </ul>
            </section>
          )}
          {hidden && <More key={limit} onMore={() => setLimit(limit + PAGE * 5)} />}
        </div>
      )}
      <DiscardDialog
        doomed={doomed}
        onClose={() => setDoomed(null)}
        onDiscard={({ kind, id }) => deeds.discard(kind, id)}
      />
    </>
  );
}

function Group({
  group,
  people,
  now,
  deeds,
  onDiscard,
}: {
  readonly group: ThingGroup;
  readonly people: PeopleAnswer | undefined;
  readonly now: number;
  readonly deeds: ThingDeeds;
  readonly onDiscard: (doomed: Doomed) => void;
}) {
  const id = useId();
  const { kind, total, things } = group;
  return (
    <section aria-labelledby={id} className={styles.group}>
      <h2 id={id} className={styles.heading}>
        {GROUPS[kind].title}
        {total > 1 && <span className={styles.count}> {total.toLocaleString()}</span>}
      </h2>
      <p className={styles.lead}>{GROUPS[kind].lead}</p>
      {total > 1 && (
        <div className={styles.actions} role="group" aria-labelledby={id}>
          <Button
            size="small"
            icon={<RotateCcw aria-hidden />}
            isPending={deeds.busy('retry', kind, null)}
            onPress={() => deeds.retry(kind, null)}
          >
            Try all again
          </Button>
          <Button
            size="small"
            icon={<Download aria-hidden />}
            isPending={deeds.busy('save', kind, null)}
            onPress={() => deeds.save(kind, null)}
          >
            Export all
          </Button>
          <Button
            size="small"
            variant="quiet"
            icon={<Trash2 aria-hidden />}
            isPending={deeds.busy('discard', kind, null)}
            onPress={() => onDiscard({ kind, id: null, count: total })}
          >
            Discard all…
          </Button>
        </div>
      )}
      <ul className={page.list}>
        {things.map((thing) => (
          <ThingItem
            key={thing.id}
            thing={thing}
            people={people}
            now={now}
            deeds={deeds}
            onDiscard={() => onDiscard({ kind, id: thing.id, count: thing.contents?.changes ?? 1 })}
          />
        ))}
      </ul>
    </section>
  );
}

function DiscardDialog({
  doomed,
  onClose,
  onDiscard,
}: {
  readonly doomed: Doomed | null;
  readonly onClose: () => void;
  readonly onDiscard: (doomed: Doomed) => void;
}) {
  // What it says stays while it fades away.
  const [last, setLast] = useState(doomed);
  if (doomed !== null && doomed !== last) setLast(doomed);
  const shown = doomed ?? last;
  if (shown === null) return null;
  return (
    <Dialog
      title={shown.id === null ? `Discard all ${shown.count.toLocaleString()}?` : 'Discard this?'}
      role="alertdialog"
      size="small"
      isOpen={doomed !== null}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Keep</Button>
          <Button
            variant="danger"
            onPress={() => {
              onClose();
              onDiscard(shown);
            }}
          >
            Discard
          </Button>
        </>
      }
    >
      <p>{GROUPS[shown.kind].discarding}</p>
      <p>On this page, under Discarded, you can bring them back.</p>
    </Dialog>
  );
}
