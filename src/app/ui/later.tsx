import { type ComponentType, type FunctionComponent, useEffect, useState } from 'react';
import { Button } from './button.tsx';
import styles from './later.module.css';

/** Those that were declared and not fetched ahead yet. */
const awaited: (() => Promise<void>)[] = [];

/** Fetches everything that comes later, one after another while the browser is idle. Once per page. */
export async function preloadAll(): Promise<void> {
  for (let load = awaited.shift(); load !== undefined; load = awaited.shift()) {
    await new Promise<void>((idle) => {
      if ('requestIdleCallback' in globalThis) requestIdleCallback(() => idle());
      else setTimeout(idle, 200);
    });
    // What does not come now is asked for again when it is shown.
    await load().catch(() => undefined);
  }
}

/**
 * A component whose code comes when it is shown first, or is preloaded. Once it is there it is drawn at once. Where it
 * cannot come, since the network went away before the app was kept on this device, it says so in its place and comes by
 * itself when the network is back; what stands around it goes on working.
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): FunctionComponent<P> {
  let loaded: ComponentType<P> | null = null;
  const fetchCode = async () => {
    loaded ??= await load();
  };
  awaited.push(fetchCode);

  function Later(props: P) {
    const [state, setState] = useState<'coming' | 'here' | 'failed'>(loaded === null ? 'coming' : 'here');
    useEffect(() => {
      if (state !== 'coming') return;
      let left = false;
      fetchCode().then(
        () => !left && setState('here'),
        () => !left && setState('failed'),
      );
      return () => {
        left = true;
      };
    }, [state]);
    useEffect(() => {
      if (state !== 'failed') return;
      const again = () => setState('coming');
      addEventListener('online', again);
      return () => removeEventListener('online', again);
    }, [state]);

    const Loaded = loaded;
    if (Loaded !== null) return <Loaded {...props} />;
    if (state !== 'failed') return null;
    return (
      <div className={styles.failed} role="alert">
        <p>This part of Daybook is not on this device yet. It comes as soon as there is a network.</p>
        <Button size="small" onPress={() => setState('coming')}>
          Try again
        </Button>
      </div>
    );
  }
  return Later;
}
