import { CircleAlert, History, MailWarning, Keyboard, Plus, Search, Settings, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { RecordType } from '../../../core/query.ts';
import { useMoment } from '../../moment.tsx';
import { Mark, Wordmark } from '../../ui/mark.tsx';
import { VisuallyHidden } from '../../ui/visually-hidden.tsx';
import { useAnswer } from '../../use-client.tsx';
import { useAttention } from '../status/use-attention.ts';
import { iconOfType } from '../types/type-icons.ts';
import { type Screen, typePath } from './screen.ts';
import styles from './sidebar.module.css';

/** The way to every screen, from 640 px; under 1024 px as a rail of icons. */
export function Sidebar({
  types,
  screen,
  path,
  onShortcuts,
}: {
  readonly types: readonly RecordType[];
  readonly screen: Screen;
  readonly path: string;
  readonly onShortcuts: () => void;
}) {
  const now = useMoment() === null;
  const conflicts = useAnswer({ kind: 'conflicts', limit: 1 })?.total ?? 0;
  // What waits now is none of the past's.
  const review = now ? conflicts : 0;
  const attention = useAttention();
  return (
    <nav aria-label="Main" className={styles.side}>
      <Link href="/" className={styles.mark} aria-label="Daybook, start">
        <span className={styles.wide}>
          <Wordmark />
        </span>
        <span className={styles.rail}>
          <Mark size={26} />
        </span>
      </Link>
      <div className={styles.nav}>
        <Item href="/search" path={path} icon={<Search aria-hidden />} label="Search" />
        <h2 className={styles.heading} id="types-heading">
          Records
        </h2>
        <ul aria-labelledby="types-heading" className={styles.list}>
          {types.map((type) => {
            const Icon = iconOfType(type.icon);
            return (
              <li key={type.id}>
                <Item
                  href={typePath(type.id)}
                  path={path}
                  current={screen.type === type.id}
                  icon={<Icon aria-hidden />}
                  label={type.name}
                  count={type.records}
                />
              </li>
            );
          })}
          {now && (
            <li>
              <Item href="/new-type" path={path} icon={<Plus aria-hidden />} label="New type" soft />
            </li>
          )}
        </ul>
        <ul className={styles.foot}>
          <li>
            <Item href="/activity" path={path} icon={<History aria-hidden />} label="Activity" />
          </li>
          <li>
            <Item
              href="/review"
              path={path}
              icon={<CircleAlert aria-hidden />}
              label="Needs review"
              {...(review > 0 && { count: review, alert: true })}
            />
          </li>
          {now && (attention > 0 || path === '/attention') && (
            <li>
              <Item
                href="/attention"
                path={path}
                icon={<MailWarning aria-hidden />}
                label="Needs attention"
                {...(attention > 0 && { count: attention, alert: true })}
              />
            </li>
          )}
          <li>
            <Item href="/trash" path={path} icon={<Trash2 aria-hidden />} label="Trash" />
          </li>
          <li>
            <Item href="/settings" path={path} icon={<Settings aria-hidden />} label="Settings" />
          </li>
        </ul>
      </div>
      <button type="button" className={styles.keys} onClick={onShortcuts} title="Keyboard shortcuts">
        <Keyboard aria-hidden size={16} />
        <span className={styles.wide}>Keyboard shortcuts</span>
        <span className={styles.railWords}>Keyboard shortcuts</span>
      </button>
    </nav>
  );
}

function Item({
  href,
  path,
  current = path === href,
  icon,
  label,
  count,
  alert = false,
  soft = false,
}: {
  readonly href: string;
  readonly path: string;
  readonly current?: boolean;
  readonly icon: ReactNode;
  readonly label: string;
  readonly count?: number;
  readonly alert?: boolean;
  readonly soft?: boolean;
}) {
  return (
    <Link
      href={href}
      className={styles.item ?? ''}
      aria-current={current ? 'page' : undefined}
      title={label}
      data-soft={soft || undefined}
    >
      {icon}
      <span className={styles.label}>
        {label}
        {count !== undefined && <VisuallyHidden>,</VisuallyHidden>}
      </span>
      {count !== undefined && (
        <span className={styles.count} data-alert={alert || undefined}>
          {count.toLocaleString()}
        </span>
      )}
    </Link>
  );
}
