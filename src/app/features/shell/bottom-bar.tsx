import { BookOpen, Ellipsis, History, Plus, Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import styles from './bottom-bar.module.css';

/** The way to every screen under 640 px. */
export function BottomBar({
  path,
  records,
  onNew,
}: {
  readonly path: string;
  readonly records: string;
  /** Null where nothing can be made: in the past. */
  readonly onNew: (() => void) | null;
}) {
  return (
    <nav aria-label="Main" className={styles.bar}>
      <Item
        href={records}
        current={path === '/' || path.startsWith('/t/')}
        icon={<BookOpen aria-hidden />}
        label="Records"
      />
      <Item href="/search" current={path === '/search'} icon={<Search aria-hidden />} label="Search" />
      {onNew !== null && (
        <button type="button" className={styles.add} onClick={onNew} aria-label="New record">
          <Plus aria-hidden />
        </button>
      )}
      <Item href="/activity" current={path === '/activity'} icon={<History aria-hidden />} label="Activity" />
      <Item
        href="/more"
        current={['/more', '/settings', '/trash', '/review', '/new-type', '/import'].includes(path)}
        icon={<Ellipsis aria-hidden />}
        label="More"
      />
    </nav>
  );
}

function Item({
  href,
  current,
  icon,
  label,
}: {
  readonly href: string;
  readonly current: boolean;
  readonly icon: ReactNode;
  readonly label: string;
}) {
  return (
    <Link href={href} className={styles.item ?? ''} aria-current={current ? 'page' : undefined}>
      {icon}
      {label}
    </Link>
  );
}
