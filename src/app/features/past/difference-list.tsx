import { Link } from 'wouter';
import { VisuallyHidden } from '../../ui/visually-hidden.tsx';
import { titleOr } from '../record/title.ts';
import { recordPath } from '../shell/screen.ts';
import styles from './difference-list.module.css';
import type { EntityDifference, ValueDifference } from './difference-words.ts';

/** What differs, entity by entity: the value before struck through, the value after it beside. */
export function DifferenceList({
  label,
  entities,
  fates,
  linked = false,
  heading: Heading = 'h3',
}: {
  readonly label: string;
  readonly entities: readonly EntityDifference[];
  /** How it is said that an entity was made, moved to the Trash and so on. */
  readonly fates: { readonly [fate in EntityDifference['fate']]: string };
  /** Whether the names lead to the records. */
  readonly linked?: boolean;
  readonly heading?: 'h2' | 'h3';
}) {
  return (
    <ul className={styles.list} aria-label={label}>
      {entities.map((entity) => (
        <li key={entity.id} className={styles.entity}>
          <Heading className={styles.title}>
            {linked && entity.type !== null ? (
              <Link href={recordPath(entity.type, entity.id)}>{titleOr(entity.title)}</Link>
            ) : (
              titleOr(entity.title)
            )}
            {fates[entity.fate] !== '' && <span className={styles.fate}>{fates[entity.fate]}</span>}
          </Heading>
          <dl>
            {entity.values.map((value) => (
              <Row key={value.attribute} value={value} />
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}

/** Longest value that is quoted, in characters. */
const QUOTE = 400;

function Row({ value }: { readonly value: ValueDifference }) {
  return (
    <div className={styles.row}>
      <dt className={styles.name}>{value.name}</dt>
      <dd className={styles.values}>
        {value.before !== '' && (
          <del className={styles.old}>
            <VisuallyHidden>before: </VisuallyHidden>
            {cut(value.before)}
          </del>
        )}
        {value.after === '' ? (
          <span className={styles.nothing}>empty</span>
        ) : (
          <ins className={styles.new}>
            <VisuallyHidden>after: </VisuallyHidden>
            {cut(value.after)}
          </ins>
        )}
      </dd>
    </div>
  );
}

const cut = (text: string): string => (text.length > QUOTE ? `${text.slice(0, QUOTE).toWellFormed()}…` : text);
