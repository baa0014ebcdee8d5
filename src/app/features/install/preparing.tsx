import { useEffect, useState } from 'react';
import type { PreparingAnswer, ProjectionName } from '../../../core/query.ts';
import { Progress } from '../../ui/progress.tsx';
import { useAnswer } from '../../use-client.tsx';
import styles from './preparing.module.css';

/** What takes no longer is not worth a word. */
const LATE_MILLIS = 700;

/** Says what this version of the app is still making ready, once it takes a while. Everything can be used meanwhile. */
export function Preparing() {
  const parts = useAnswer({ kind: 'preparing' })?.parts ?? [];
  const busy = parts.length > 0;
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!busy) return;
    const timer = setTimeout(() => setLate(true), LATE_MILLIS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [busy]);
  const [part] = parts;
  return late && part !== undefined ? <Part part={part} /> : null;
}

function Part({ part: { name, progress } }: { readonly part: PreparingAnswer['parts'][number] }) {
  const words = `Preparing ${WORDS[name]}…`;
  return (
    <div className={styles.strip}>
      {/* Said once for each part, and not at each step of it. */}
      <span role="status">{words}</span>
      <span aria-hidden>{Math.round(progress * 100)} %</span>
      <div className={styles.bar}>
        <Progress label={words} value={progress} />
      </div>
    </div>
  );
}

const WORDS: { readonly [P in ProjectionName]: string } = {
  entities: 'your records',
  fields: 'your records',
  search: 'search',
  folded: 'sorting',
  links: 'links between records',
  transactions: 'the activity',
};
