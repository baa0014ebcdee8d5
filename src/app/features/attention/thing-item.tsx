import { Download, RotateCcw, Trash2 } from 'lucide-react';
import { useId } from 'react';
import type { Thing } from '../../../core/attention.ts';
import type { PeopleAnswer } from '../../../core/query.ts';
import { Button } from '../../ui/button.tsx';
import page from '../shell/page.module.css';
import styles from './attention-page.module.css';
import { thingWords } from './thing-words.ts';
import type { ThingDeeds } from './use-thing-deeds.ts';

/** One thing that needs attention or was discarded, and what can be done about it. */
export function ThingItem({
  thing,
  people,
  now,
  deeds,
  onDiscard,
}: {
  readonly thing: Thing;
  readonly people: PeopleAnswer | undefined;
  readonly now: number;
  readonly deeds: ThingDeeds;
  readonly onDiscard: () => void;
}) {
  const id = useId();
  const words = thingWords(thing, people, now);
  const discarded = thing.discardedAt !== null;
  return (
    <li className={styles.thing}>
      <h3 id={id} className={styles.title}>
        {words.title}
      </h3>
      {words.contents.length > 0 && (
        <ul className={styles.contents}>
          {words.contents.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <p className={page.soft}>{sentence(words.facts)}</p>
      <p className={styles.reason}>{words.reason}</p>
      <div className={styles.actions} role="group" aria-labelledby={id}>
        <Button
          size="small"
          icon={<RotateCcw aria-hidden />}
          isPending={deeds.busy('retry', thing.kind, thing.id)}
          onPress={() => deeds.retry(thing.kind, thing.id)}
        >
          {discarded ? 'Bring back' : 'Try again'}
        </Button>
        <Button
          size="small"
          icon={<Download aria-hidden />}
          isPending={deeds.busy('save', thing.kind, thing.id)}
          onPress={() => deeds.save(thing.kind, thing.id)}
        >
          Export
        </Button>
        {!discarded && (
          <Button
            size="small"
            variant="quiet"
            icon={<Trash2 aria-hidden />}
            isPending={deeds.busy('discard', thing.kind, thing.id)}
            onPress={onDiscard}
          >
            Discard…
          </Button>
        )}
      </div>
    </li>
  );
}

const sentence = (facts: readonly string[]): string => {
  const text = facts.join(' · ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};
