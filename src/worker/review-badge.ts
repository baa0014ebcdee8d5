/** The number on the icon of the installed app: how many conflicts need review, so that it is seen without opening the app. */
import type { Handler } from './handlers.ts';

/** What sets the badge; 0 takes it away. Rejects with NotAllowedError where the person or the browser wants none. */
export type SetBadge = (count: number) => Promise<void>;

/** @param conflicts how many there are now, whatever was committed since */
export function reviewBadge(conflicts: () => number, setBadge: SetBadge): Handler {
  let told: number | null = null;
  return {
    name: 'review-badge',
    handle: async () => {
      const count = conflicts();
      if (count === told) return;
      try {
        await setBadge(count);
        told = count;
      } catch (error) {
        // Not a failure: there is nothing to try again.
        if (!(error instanceof DOMException && error.name === 'NotAllowedError')) throw error;
      }
    },
  };
}

/** The browser's badge; null where there is none. */
export function badgeOf(navigator: Partial<Pick<WorkerNavigator, 'setAppBadge' | 'clearAppBadge'>>): SetBadge | null {
  const { setAppBadge, clearAppBadge } = navigator;
  if (!setAppBadge || !clearAppBadge) return null;
  return (count) => (count > 0 ? setAppBadge.call(navigator, count) : clearAppBadge.call(navigator));
}
