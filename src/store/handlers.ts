/** How far each handler has come in the log ([HANDLER-1]); what handlers do is not the store's business. */
import type { Event } from '../core/event.ts';
import { numberOf } from './blob.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { EVENT_COLUMNS, readArrivals, type EventRow } from './event-rows.ts';
import type { Committed, HandlerPositions } from './store.ts';

/** Events that a handler is given at a time. */
const EVENTS_AT_A_TIME = 5_000;

export class Positions implements HandlerPositions {
  readonly #db: SqlDatabase;

  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  next(name: string): Committed | null {
    const from = this.#positionOf(name);
    const last = this.#db.get<{ last: SqlValue }>('SELECT max(arrival) AS last FROM events')?.last ?? null;
    if (last === null || numberOf(last) <= from) return null;
    const through = Math.min(numberOf(last), from + EVENTS_AT_A_TIME);
    return { through, events: () => this.#read(from, through) };
  }

  done(name: string, through: number): void {
    this.#db.transaction('normal', () =>
      this.#db.run(
        `INSERT INTO handlers (name, position) VALUES (?, ?)
         ON CONFLICT DO UPDATE SET position = max(position, excluded.position)`,
        [name, through],
      ),
    );
  }

  #positionOf(name: string): number {
    const row = this.#db.get<{ position: SqlValue }>('SELECT position FROM handlers WHERE name = ?', [name]);
    return row === null ? 0 : numberOf(row.position);
  }

  #read(from: number, through: number): readonly Event[] {
    const sql = `SELECT ${EVENT_COLUMNS} FROM events WHERE arrival > ? AND arrival <= ? ORDER BY arrival`;
    return [...readArrivals(this.#db.all<EventRow>(sql, [from, through])).keys()];
  }
}
