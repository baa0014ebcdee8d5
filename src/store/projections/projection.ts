/** What a projection is: tables that are kept from events in the same SQL transaction, and can be made anew at any time. */
import type { AttributeName } from '../../core/event.ts';
import type { EntityId } from '../../core/ids.ts';
import type { ProjectionName } from '../../core/query.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';

export interface Key {
  readonly entityId: EntityId;
  readonly attribute: AttributeName;
}

/**
 * What some events are about, as far as projections ask. Projections are brought up to date one after another, and add to
 * it what follows for those behind them: a record that came into being has words.
 */
export interface Touched {
  /** Number of the first event that just arrived. */
  readonly firstArrival: number;
  /** Entities that may have come, gone, or become something else. */
  readonly existence: ReadonlySet<EntityId>;
  /** Fields that may have come or gone, or are of another kind now. */
  readonly fields: Set<EntityId>;
  /** Entities whose words may be others. */
  readonly words: Set<EntityId>;
  /** Attributes that may hold other links. */
  readonly links: Key[];
  /** Attributes that may hold other texts with letters beyond ASCII, or held one. */
  readonly texts: Key[];
}

/** How far making anew has come: null when it is done, `START` before the first part. Each projection has positions of its own. */
export type Position = SqlValue;
export const START: Position = new Uint8Array(0);

export const isStart = (position: Position): boolean => position instanceof Uint8Array && position.length === 0;

/** A part of a projection that was made anew. */
export interface Part {
  readonly position: Position;
  /** How many of what `remaining` counts are done with it. */
  readonly done: number;
}

/** Every verb runs inside the caller's SQL transaction. */
export interface Projection {
  readonly name: ProjectionName;
  /** Goes up whenever it holds something else than before: books in which another version lies make it anew. */
  readonly version: number;
  /** Projections that are made from this one, and are made anew after it. */
  readonly feeds: readonly ProjectionName[];
  /** Brings it up to date with events that were just taken into the log and into `attributes`. */
  readonly project: (db: SqlDatabase, touched: Touched) => void;
  /**
   * Makes the next part of it anew, about `limit` rows, while what is fresh is projected as ever: whatever arrives between
   * two parts ends up right, on either side of the position. What no event stands behind is gone after the last part.
   */
  readonly renew: (db: SqlDatabase, position: Position, limit: number) => Part;
  /** About how much is to be done from a position on; in whatever unit `Part.done` counts. */
  readonly remaining: (db: SqlDatabase, position: Position) => number;
}
