/** What a seed stands for: how many clients there are, what people do, and what goes wrong, and when. */
import { SeededRandom } from './seeded-random.ts';

const ACTIONS = [
  'edit', 'undo', 'import', 'nudge', 'link',
  'offline', 'online', 'break', 'weather', 'fine',
  'serverDown', 'serverUp', 'serverTrouble', 'deleteLog', 'rewind', 'garbage',
  'future',
  'kill', 'crash', 'diskFull', 'diskFree', 'clock', 'copy',
  'crashAtStart', 'crashCatchingUp', 'diskFillsUp', 'clockFar', 'importLong', 'update', 'year',
] as const; // prettier-ignore
/** What happens beside those where the server has snapshots. */
const LATE_ACTIONS = ['rewrite', 'join', 'crashBehind', 'retain'] as const;
export type ActionKind = (typeof ACTIONS)[number] | (typeof LATE_ACTIONS)[number];

/** `snapshots`: books of which clients leave snapshots, and a server that lets go of what they stand in for. */
export type Setting = 'plain' | 'snapshots';

export interface Action {
  /** Milliseconds since the simulation began; what takes long itself puts off what follows. */
  readonly at: number;
  readonly kind: ActionKind;
  /** Which client, and whatever else is left to chance. */
  readonly dice: number;
}

export interface Plan {
  readonly seed: number;
  readonly clients: number;
  readonly actions: readonly Action[];
}

/** How often each thing happens, relative to the others. */
const WEIGHTS: Readonly<Record<ActionKind, number>> = {
  edit: 60, undo: 4, import: 1, nudge: 4, link: 4,
  offline: 6, online: 8, break: 4, weather: 6, fine: 4,
  serverDown: 3, serverUp: 6, serverTrouble: 2, deleteLog: 0.6, rewind: 0.6, garbage: 0.5,
  future: 0.5,
  kill: 3, crash: 5, diskFull: 1.5, diskFree: 4, clock: 3, copy: 0.4,
  crashAtStart: 1.5, crashCatchingUp: 1, diskFillsUp: 2.5, clockFar: 1, importLong: 0.6, update: 0.5, year: 0.2,
  rewrite: 12, join: 4, crashBehind: 4, retain: 2,
}; // prettier-ignore

/** What happens in every plan; each of the rest happens in half of them, so that some faults have a plan to themselves. */
const ALWAYS: ReadonlySet<ActionKind> = new Set<ActionKind>([
  'edit', 'link', 'online', 'fine', 'serverUp', 'diskFree', 'rewrite', 'join', 'retain',
]); // prettier-ignore

export function planOf(seed: number, setting: Setting = 'plain'): Plan {
  const kinds: readonly ActionKind[] = setting === 'plain' ? ACTIONS : [...ACTIONS, ...LATE_ACTIONS];
  const random = new SeededRandom(seed);
  const clients = 2 + random.below(3);
  const weights = kinds.map((kind) =>
    ALWAYS.has(kind) || random.chance(0.5) ? WEIGHTS[kind] * random.pick([0.3, 1, 1, 3]) : 0,
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const actions: Action[] = [];
  // Some seeds play within minutes, others over days.
  const pace = random.pick([500, 3_000, 20_000, 400_000]);
  let at = 0;
  for (let i = 0; i < 60 + random.below(120); i++) {
    at += 1 + random.below(pace * 2);
    let rest = (random.next() / 2 ** 32) * total;
    const kind = kinds[weights.findIndex((weight) => (rest -= weight) < 0)] ?? 'edit';
    actions.push({ at, kind, dice: random.next() });
  }
  return { seed, clients, actions };
}
