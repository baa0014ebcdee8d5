import {
  CalendarClock,
  ChevronRight,
  CircleAlert,
  ListTree,
  MailWarning,
  Plus,
  Redo2,
  Settings,
  Trash2,
  Upload,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useMoment } from '../../moment.tsx';
import { useAnswer } from '../../use-client.tsx';
import { useAttention } from '../status/use-attention.ts';
import { usePick } from '../past/pick.tsx';
import { iconOfType } from '../types/type-icons.ts';
import styles from './more-page.module.css';
import { typePath } from './screen.ts';
import { useUndo } from './undo.tsx';

/** On a phone: the types, and everything that has no place in the bottom bar. */
export function MorePage() {
  const schema = useAnswer({ kind: 'schema' });
  const review = useAnswer({ kind: 'conflicts', limit: 1 })?.total ?? 0;
  const undo = useAnswer({ kind: 'undo' });
  const run = useUndo();
  const pick = usePick();
  const now = useMoment() === null;
  const attention = useAttention();
  const types = schema?.types.filter((type) => !type.hidden) ?? [];
  return (
    <div className={styles.page}>
      <nav aria-label="Records">
        <ul className={styles.list}>
          {types.map((type) => {
            const Icon = iconOfType(type.icon);
            return (
              <Row
                key={type.id}
                href={typePath(type.id)}
                icon={<Icon aria-hidden />}
                label={type.name}
                count={type.records}
              />
            );
          })}
          {now && <Row href="/new-type" icon={<Plus aria-hidden />} label="New type" />}
        </ul>
      </nav>
      <nav aria-label="More">
        <ul className={styles.list}>
          <Row
            href="/review"
            icon={<CircleAlert aria-hidden />}
            label="Needs review"
            {...(review > 0 && { count: review })}
          />
          {now && attention > 0 && (
            <Row href="/attention" icon={<MailWarning aria-hidden />} label="Needs attention" count={attention} />
          )}
          <Row href="/trash" icon={<Trash2 aria-hidden />} label="Trash" />
          <li>
            <button type="button" className={styles.row} onClick={pick}>
              <CalendarClock aria-hidden />
              <span className={styles.label}>See the book as of…</span>
            </button>
          </li>
          {now && <Row href="/import" icon={<Upload aria-hidden />} label="Import" />}
          {now && types[0] !== undefined && (
            <Row
              href={`${typePath(types[0].id)}/fields`}
              icon={<ListTree aria-hidden />}
              label={`Fields of ${types[0].name}`}
            />
          )}
          <Row href="/settings" icon={<Settings aria-hidden />} label="Settings" />
          {now && undo?.redo != null && (
            <li>
              <button type="button" className={styles.row} onClick={() => run('redo')}>
                <Redo2 aria-hidden />
                <span className={styles.label}>Redo: {undo.redo}</span>
              </button>
            </li>
          )}
        </ul>
      </nav>
    </div>
  );
}

function Row({
  href,
  icon,
  label,
  count,
}: {
  readonly href: string;
  readonly icon: ReactNode;
  readonly label: string;
  readonly count?: number;
}) {
  return (
    <li>
      <Link href={href} className={styles.row ?? ''}>
        {icon}
        <span className={styles.label}>{label}</span>
        {count !== undefined && <span className={styles.count}>{count.toLocaleString()}</span>}
        <ChevronRight aria-hidden className={styles.chevron} />
      </Link>
    </li>
  );
}
