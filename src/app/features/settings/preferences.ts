/** What this browser's person likes: kept in IndexedDB on this device, never synced. */
import { createStore, get, set } from 'idb-keyval';
import * as v from 'valibot';
import { Cell } from '../../link/cell.ts';

const Preferences = v.object({
  theme: v.fallback(v.picklist(['system', 'light', 'dark']), 'system'),
  density: v.fallback(v.picklist(['regular', 'compact']), 'regular'),
  /** How much history the person would keep here; it goes only when they say so. */
  keepHistory: v.fallback(v.picklist(['all', 'twoYears', 'year', 'quarter']), 'all'),
  /** Whether the browser was asked to keep what is stored here. */
  askedToKeep: v.fallback(v.boolean(), false),
  /** Whether it was said that Daybook can be installed. */
  installHintShown: v.fallback(v.boolean(), false),
});
export type Preferences = v.InferOutput<typeof Preferences>;

const KEY = 'preferences';
const store = createStore('daybook-preferences', 'preferences');
const cell = new Cell<Preferences>(v.parse(Preferences, {}));

/** The present preferences; useValue(preferences) in components. */
export const preferences: Pick<Cell<Preferences>, 'getSnapshot' | 'subscribe'> = cell;

/** Reads what was kept. Call before the first render, so that no screen flashes in the wrong colours; never rejects. */
export async function loadPreferences(): Promise<void> {
  try {
    const kept = v.safeParse(Preferences, (await get<unknown>(KEY, store)) ?? {});
    if (kept.success) show(kept.output);
  } catch {
    // A browser that keeps nothing (a private window) shows the defaults.
  }
}

/** Changes some of them at once, and keeps them where the browser keeps anything. */
export async function changePreferences(change: Partial<Preferences>): Promise<void> {
  const next = { ...cell.getSnapshot(), ...change };
  show(next);
  try {
    await set(KEY, next, store);
  } catch {
    // See loadPreferences.
  }
}

function show(next: Preferences): void {
  const { dataset } = document.documentElement;
  if (next.theme === 'system') delete dataset['theme'];
  else dataset['theme'] = next.theme;
  dataset['density'] = next.density;
  cell.set(next);
}
