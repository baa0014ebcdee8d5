/** What a tab says about its connection, from what it has seen: a pure function, so that every case can be tested. */
import type { FromWorker } from '../../protocol/tabs.ts';
import type { Connection } from '../../protocol/worker.ts';

/** Ticks are seconds in which this tab was running: a tab that slept must not take its own sleep for the others' silence. */
const SILENT_AFTER_TICKS = 5;
const OPENING_LIMIT_TICKS = 30;

export interface Facts {
  /** The last thing this tab's own worker said; null before the first. */
  readonly worker: FromWorker | null;
  /** The leader this tab has a port to. `silent`: for how many ticks a ping has been unanswered. */
  readonly link: { readonly epoch: number; readonly own: boolean; readonly silent: number } | null;
  /** Whether this tab has ever been connected. */
  readonly connectedBefore: boolean;
  /** Ticks since the tab started or lost its link. */
  readonly unlinked: number;
  /** Ticks since the page of the tab that leads was heard; null if never. */
  readonly leaderHeard: number | null;
  /** Whether that page runs an older build of the app. */
  readonly foreign: boolean;
  /** Whether a page of a newer build was heard: this one is done. */
  readonly outdated: boolean;
  /** Whether this browser has SharedWorker. */
  readonly broker: boolean;
  /** Title of the tab whose worker holds the lock, as its lock tells; null while it is free or not known. */
  readonly holder: string | null;
}

export function connectionOf(facts: Facts): Connection {
  const { worker, link } = facts;
  if (facts.outdated) return { kind: 'outdated' };
  if (link && link.silent < SILENT_AFTER_TICKS) {
    return worker?.kind === 'unsaved' ? { kind: 'unsaved' } : { kind: 'ready', leading: link.own, epoch: link.epoch };
  }
  const leaderAlive = facts.leaderHeard !== null && facts.leaderHeard < SILENT_AFTER_TICKS;
  if (worker?.kind === 'repairing') return worker;
  const wait: Connection = facts.connectedBefore ? { kind: 'waiting' } : { kind: 'opening' };
  if (worker?.kind === 'holding' || worker?.kind === 'leading') return overdue(facts) ?? wait;
  // An older tab lets go as soon as it hears of this one; one that does not has to be reloaded.
  if (leaderAlive && facts.foreign) return facts.unlinked >= SILENT_AFTER_TICKS ? { kind: 'behind' } : wait;
  if (leaderAlive) return facts.broker ? (overdue(facts) ?? wait) : { kind: 'elsewhere' };
  // What went wrong here matters only while no other tab can serve this one.
  if (worker?.kind === 'newer' || (worker?.kind === 'failed' && facts.unlinked >= 1)) return worker;
  if (!facts.broker && worker?.kind === 'queued') return { kind: 'elsewhere' };
  const silence = link ? link.silent : facts.unlinked;
  if (facts.holder !== null && silence >= SILENT_AFTER_TICKS) return { kind: 'frozen', title: facts.holder };
  return overdue(facts) ?? wait;
}

/** Nothing hangs for good: after half a minute without a word the person is told. */
function overdue({ connectedBefore, unlinked }: Facts): Connection | null {
  return !connectedBefore && unlinked >= OPENING_LIMIT_TICKS
    ? {
        kind: 'failed',
        message: 'The records could not be opened within half a minute. Close other tabs of this app and reload.',
      }
    : null;
}

export function sameConnection(a: Connection, b: Connection): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
