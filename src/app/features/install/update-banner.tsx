import { RefreshCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Client } from '../../client.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { useClient, useValue } from '../../use-client.tsx';
import { hasUnsavedEdit } from './unsaved-edit.ts';
import { acceptUpdate, update } from './updates.ts';

/** Offers a new version, and never reloads over something that is not saved. */
export function UpdateBanner() {
  const client = useClient();
  const { kind } = useValue(update);
  const pending = useValue(client.pending);
  const [held, setHeld] = useState(false);

  // Where this tab was told to move on, or another has, a page that nobody is writing on follows by itself.
  useEffect(() => {
    if ((kind !== 'due' && kind !== 'replaced') || pending > 0) return;
    const follow = () => {
      if (!hasUnsavedEdit() && client.pending.getSnapshot() === 0) location.reload();
    };
    follow();
    const timer = setInterval(follow, 1_000);
    return () => clearInterval(timer);
  }, [kind, pending, client]);

  if (kind === 'none') return null;

  const reload = async () => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    if (!(await isSettled(client)) || hasUnsavedEdit()) {
      setHeld(true);
      return;
    }
    acceptUpdate();
  };

  return (
    <Banner
      icon={<RefreshCw aria-hidden />}
      action={
        <Button size="small" onPress={() => void reload()}>
          Reload
        </Button>
      }
    >
      {held
        ? 'Something you typed is not saved yet. Finish or close it, then reload.'
        : kind === 'replaced'
          ? 'Daybook was updated in another tab'
          : 'A new version is ready'}
    </Banner>
  );
}

const SETTLE_MILLIS = 5_000;

/** Waits for what was being saved; false when it takes too long. */
function isSettled(client: Client): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (settled: boolean) => {
      leave();
      clearTimeout(timer);
      resolve(settled);
    };
    const look = () => client.pending.getSnapshot() === 0 && finish(true);
    const leave = client.pending.subscribe(look);
    const timer = setTimeout(() => finish(false), SETTLE_MILLIS);
    // Leaving a field may start a save in this very turn.
    setTimeout(look);
  });
}
