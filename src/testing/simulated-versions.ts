/** Two versions of the app that meet in one book: today's, and tomorrow's, whose bundles today's holds back ([BUNDLE-8]). */
import { BUNDLE_VERSION } from '../core/bundle.ts';
import { ok } from '../core/result.ts';
import type { EventSchema } from '../core/upcast.ts';
import type { StoreOptions } from '../store/store.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';

/** Tomorrow's events may say something new; what is written today means the same. */
export const TOMORROW: EventSchema = {
  version: BUNDLE_VERSION + 1,
  upcasters: Array.from({ length: BUNDLE_VERSION }, () => (event: object) => ok([{ ...event }])),
};

export type AppVersion = 'today' | 'tomorrow';

/** What sets a version of the app apart: what it reads, and what it says of its bundles. */
export function versionOptions(version: AppVersion): Pick<StoreOptions, 'messages' | 'schema'> {
  if (version === 'today') return { messages: bundleMessages };
  return {
    schema: TOMORROW,
    messages: {
      ...bundleMessages,
      write: (bundle) => bundleMessages.write({ ...bundle, version: TOMORROW.version }),
    },
  };
}
