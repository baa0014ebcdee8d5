/** Lines of text as events for the log: which are new, which are here, which are not in order. */
import type { Event } from '../core/event.ts';
import { readLine } from '../core/json-lines.ts';
import type { RefusedLine } from '../core/transfer.ts';
import type { SqlDatabase } from './database.ts';
import { stageEvents } from './staging.ts';
import { areSuperseded } from './superseded.ts';

export interface SortedLines {
  /** What the log does not hold, each once. */
  readonly fresh: readonly Event[];
  /** How many are here already, or stand among these lines twice. */
  readonly known: number;
  readonly refused: readonly RefusedLine[];
}

/**
 * Reads some thousands of lines; nothing is written. Empty lines are passed over.
 * @param first number of the first of them in the file, from 1
 */
export function sortLines(db: SqlDatabase, lines: readonly (string | null)[], first: number): SortedLines {
  const refused: RefusedLine[] = [];
  const events = new Map<string, Event>();
  let read = 0;
  for (const [index, line] of lines.entries()) {
    if (line?.trim() === '') continue;
    const event = line === null ? TOO_LONG : readLine(line);
    if (!event.ok) {
      refused.push({ number: first + index, reason: event.error });
      continue;
    }
    read += 1;
    const { entityId, attribute, timestamp, id } = event.value;
    events.set(JSON.stringify([entityId, attribute, timestamp, id]), event.value);
  }
  const all = [...events.values()];
  stageEvents(db, all);
  const missing = db
    .all<{ position: number }>(
      `SELECT s.position FROM temp.staged_events s WHERE NOT EXISTS (SELECT 1 FROM events e
         WHERE e.entity_id = s.entity_id AND e.attribute = s.attribute AND e.timestamp = s.timestamp AND e.id = s.id)
       ORDER BY s.position`,
    )
    .flatMap(({ position }) => all[position] ?? []);
  // What history was shortened by here is no news.
  const gone = areSuperseded(db, missing);
  const fresh = missing.filter((_, i) => gone[i] !== true);
  return { fresh, known: read - fresh.length, refused };
}

const TOO_LONG = { ok: false, error: 'This line is longer than any change, or is not UTF-8 text' } as const;
