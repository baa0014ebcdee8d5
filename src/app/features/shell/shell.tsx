import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { Mark } from '../../ui/mark.tsx';
import { useMoment } from '../../moment.tsx';
import { later } from '../../ui/later.tsx';
import { useNarrow } from '../../ui/use-media.ts';
import { useAnswer } from '../../use-client.tsx';
import { usePick } from '../past/pick.tsx';
import { StatusChip } from '../status/status-chip.tsx';
import { BottomBar } from './bottom-bar.tsx';
import { keepFocus } from './focus-keeper.ts';
import { recordPath, screenOf, tabTitle, typePath } from './screen.ts';
import { ShortcutList } from './shortcut-list.tsx';
import { useShortcuts } from './shortcuts.ts';
import { Sidebar } from './sidebar.tsx';
import styles from './shell.module.css';
import { UndoButtons } from './undo.tsx';

const PastBar = later(async () => (await import('../past/past-bar.tsx')).PastBar);

/** What stays in place around every screen: navigation, the name of the screen, undo, the status chip. */
export function Shell({ notices, children }: { readonly notices: ReactNode; readonly children: ReactNode }) {
  const [path, navigate] = useLocation();
  const narrow = useNarrow();
  const moment = useMoment();
  const pick = usePick();
  const schema = useAnswer({ kind: 'schema' });
  const screen = screenOf(path, schema);
  const types = useMemo(() => schema?.types.filter((type) => !type.hidden) ?? [], [schema]);
  const empty = moment === null && schema !== undefined && types.length === 0;
  const title = empty && path === '/' ? 'Daybook' : screen.title;
  const heading = useRef<HTMLHeadingElement>(null);
  const main = useRef<HTMLElement>(null);
  useEffect(() => (main.current === null ? undefined : keepFocus(main.current, () => heading.current)), []);
  const [shortcutsShown, setShortcutsShown] = useState(false);

  // A record in its pane is still the screen of its type.
  const place = screen.type === null ? path : `${screen.type} ${path.endsWith('/fields')}`;
  const lastPlace = useRef(place);
  useEffect(() => {
    if (lastPlace.current === place) return;
    lastPlace.current = place;
    // A screen that is there to be typed into has taken the focus already.
    if (document.activeElement?.closest('main') == null) heading.current?.focus({ preventScroll: true });
  }, [place]);
  useEffect(() => {
    if (screen.record === null && title !== '')
      document.title = title === 'Daybook' ? title : tabTitle([title], moment);
  }, [title, screen.record, moment]);

  const firstType = types[0]?.id;
  const newRecord = useCallback(() => {
    const type = screen.type ?? firstType;
    if (type !== undefined) navigate(`${recordPath(type, 'new')}${screen.type === null ? '' : location.search}`);
  }, [screen.type, firstType, navigate]);
  const shortcuts = useMemo(
    () => [
      ...(moment === null ? [{ key: 'n', run: newRecord }] : []),
      { key: 'a', run: pick },
      {
        key: '/',
        run: () => {
          const box = document.querySelector<HTMLInputElement>('[data-search-box]');
          if (box) box.focus();
          else navigate('/search');
        },
      },
      { key: '?', run: () => setShortcutsShown(true) },
    ],
    [newRecord, navigate, moment, pick],
  );
  useShortcuts(shortcuts);

  return (
    <div
      className={styles.shell}
      data-empty={empty || undefined}
      data-record={screen.record !== null || undefined}
      data-past={moment !== null || undefined}
    >
      <a href="#main" className={styles.skip}>
        Skip to content
      </a>
      {!narrow && <Sidebar types={types} screen={screen} path={path} onShortcuts={() => setShortcutsShown(true)} />}
      <header className={styles.top}>
        {narrow && (
          <Link href="/" className={styles.mark} aria-label="Daybook, start">
            <Mark size={26} />
          </Link>
        )}
        <h1 ref={heading} tabIndex={-1} className={styles.title}>
          {title}
        </h1>
        <div className={styles.tools}>
          {!empty && moment === null && <UndoButtons />}
          <StatusChip />
        </div>
      </header>
      {moment !== null && (
        <div className={styles.past}>
          <PastBar moment={moment} type={screen.type} />
        </div>
      )}
      <main ref={main} id="main" tabIndex={-1} className={styles.main}>
        {notices}
        {children}
      </main>
      {narrow && !empty && (
        <BottomBar
          path={path}
          records={screen.type === null ? (firstType === undefined ? '/' : typePath(firstType)) : typePath(screen.type)}
          onNew={moment === null ? newRecord : null}
        />
      )}
      <ShortcutList isOpen={shortcutsShown} onClose={() => setShortcutsShown(false)} />
    </div>
  );
}
