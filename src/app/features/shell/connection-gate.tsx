import { EyeOff, Hourglass, TriangleAlert } from 'lucide-react';
import { type ReactNode, useEffect, useLayoutEffect, useState } from 'react';
import type { Connection } from '../../../protocol/worker.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { type DrawingName } from '../../ui/drawing.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Wordmark } from '../../ui/mark.tsx';
import { useClient, useValue } from '../../use-client.tsx';
import { unfittingTexts } from '../install/unsaved-edit.ts';
import styles from './connection-gate.module.css';

/**
 * Shows the app once the book can be reached, and says plainly why when it cannot. What was shown stays in sight while a
 * tab is waited for, so that nothing typed is lost.
 */
export function ConnectionGate({ children }: { readonly children: ReactNode }) {
  const connection = useValue(useClient().connection);
  const usable = connection.kind === 'ready' || connection.kind === 'unsaved';
  const [entered, setEntered] = useState(false);
  if (usable && !entered) setEntered(true);

  const overtaken = connection.kind === 'outdated' || connection.kind === 'behind';
  // What is being typed is given to the client to save before the page is covered.
  useLayoutEffect(() => {
    if (overtaken && document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }, [overtaken]);

  const words = screenOf(connection);
  if (words?.covers === true || (words !== null && !entered)) return <ConnectionScreen words={words} />;
  if (!entered) return <Opening repairing={connection.kind === 'repairing'} />;
  return (
    <div className={styles.frame}>
      {overtaken && words && (
        <div className={styles.cover}>
          <ConnectionScreen words={words} />
        </div>
      )}
      <ConnectionBanner connection={connection} />
      <div className={styles.app} inert={overtaken}>
        {children}
      </div>
    </div>
  );
}

interface ScreenWords {
  readonly drawing: DrawingName;
  readonly title: string;
  readonly text: string;
  readonly reload: boolean;
  /** Whether it stands before what was shown: nothing can be done there any more. */
  readonly covers: boolean;
}

function screenOf(connection: Connection): ScreenWords | null {
  switch (connection.kind) {
    case 'frozen':
      return {
        drawing: 'lamp',
        title: 'Another tab holds your data',
        text: frozenWords(connection.title),
        reload: false,
        covers: false,
      };
    case 'elsewhere':
      return {
        drawing: 'blankPage',
        title: 'Daybook is open in another tab',
        text: 'This browser can show your records in one tab at a time. Go on there, or close that tab and this one takes over.',
        reload: false,
        covers: true,
      };
    case 'newer':
      return {
        drawing: 'pen',
        title: 'A newer Daybook was here',
        text: 'Your records were last opened by a newer version of Daybook. Reload to update; nothing was touched.',
        reload: true,
        covers: true,
      };
    case 'failed':
      return {
        drawing: 'lamp',
        title: 'Your records could not be opened',
        text: connection.message,
        reload: true,
        covers: true,
      };
    case 'outdated':
      return {
        drawing: 'pen',
        title: 'Daybook was updated in another tab',
        text: 'Reload to go on here. What you typed and is not saved yet is kept, and saved after that.',
        reload: true,
        covers: false,
      };
    case 'behind':
      return {
        drawing: 'blankPage',
        title: 'Another tab runs an older Daybook',
        text: 'It holds your records. Reload that tab or close it, and this one goes on by itself.',
        reload: false,
        covers: false,
      };
    case 'opening':
    case 'repairing':
    case 'ready':
    case 'waiting':
    case 'unsaved':
      return null;
  }
}

const REPAIRING = 'The database on this device was damaged and is being repaired…';

const NO_ROOM =
  'What you typed is not saved, and there is no room to keep it over a reload. Make room on this device and press Reload again.';

const frozenWords = (title: string): string =>
  `The tab ${title === '' ? 'that' : `“${title}”`} holds your data and does not answer. Look at it once to wake it up, or close it.`;

function ConnectionScreen({ words }: { readonly words: ScreenWords }) {
  const client = useClient();
  const [noRoom, setNoRoom] = useState(false);
  // The page below is out of reach by now: what stands in it does not change.
  const [unfitting] = useState(unfittingTexts);
  const reload = () => setNoRoom(!client.reloadOutdated());
  return (
    <main className={styles.screen}>
      <div className={styles.mark}>
        <Wordmark />
      </div>
      <EmptyState
        drawing={words.drawing}
        title={words.title}
        action={
          words.reload && (
            <Button variant="primary" onPress={reload}>
              Reload
            </Button>
          )
        }
      >
        <p role="alert">{noRoom ? NO_ROOM : words.text}</p>
        {words.reload && unfitting.length > 0 && (
          <p>Not kept, since it does not fit its field: {unfitting.map((text) => `“${text}”`).join(', ')}.</p>
        )}
      </EmptyState>
    </main>
  );
}

function ConnectionBanner({ connection }: { readonly connection: Connection }) {
  const late = useLate(connection.kind === 'waiting', 1_000);
  if (connection.kind === 'unsaved') {
    return (
      <Banner tone="alert" icon={<EyeOff aria-hidden />}>
        <strong>Nothing is saved in this window.</strong> This browser gives private windows no storage: what you enter
        is gone when you close it.
      </Banner>
    );
  }
  if (connection.kind === 'frozen') {
    return (
      <Banner tone="alert" icon={<TriangleAlert aria-hidden />}>
        {frozenWords(connection.title)} What you type here is saved as soon as it answers.
      </Banner>
    );
  }
  if (connection.kind === 'repairing') {
    return (
      <Banner tone="amber" icon={<Hourglass aria-hidden />}>
        {REPAIRING} What you type here is saved as soon as that is done.
      </Banner>
    );
  }
  if (connection.kind === 'waiting' && late) {
    return (
      <Banner tone="amber" icon={<Hourglass aria-hidden />}>
        Waiting for the tab that holds your data. What you type here is saved as soon as it answers.
      </Banner>
    );
  }
  return null;
}

/** The shape of the app, shown only when opening takes long enough to be noticed. */
function Opening({ repairing }: { readonly repairing: boolean }) {
  const late = useLate(true, 300);
  if (!late) return null;
  return (
    <div className={styles.skeleton} role="status">
      <div className={styles.side}>
        <Wordmark />
      </div>
      <p className={styles.opening}>{repairing ? REPAIRING : 'Opening your records…'}</p>
    </div>
  );
}

/** Whether `active` has held for so long. */
function useLate(active: boolean, millis: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!active) return;
    const timer = setTimeout(() => setLate(true), millis);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [active, millis]);
  return active && late;
}
