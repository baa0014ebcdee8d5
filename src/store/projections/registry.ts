/** Every projection, in the order in which they are brought up to date: each after those that it is made from. */
import type { Event } from '../../core/event.ts';
import type { ProjectionName } from '../../core/query.ts';
import type { SqlDatabase } from '../database.ts';
import { entities } from './entities.ts';
import { fields } from './fields.ts';
import { folded } from './folded.ts';
import { links } from './links.ts';
import type { Projection, Touched } from './projection.ts';
import { search } from './search.ts';
import { touchedBy } from './touched.ts';
import { transactions } from './transactions.ts';

export const PROJECTIONS: readonly Projection[] = [entities, fields, search, folded, links, transactions];

/**
 * Brings every projection up to date with events that were just taken into the log and into `attributes`, inside the same
 * SQL transaction.
 * @param firstArrival number of the first of them
 */
export function project(db: SqlDatabase, fresh: readonly Event[], firstArrival: number): void {
  projectTouched(db, touchedBy(db, fresh, firstArrival));
}

export function projectTouched(db: SqlDatabase, touched: Touched): void {
  for (const projection of PROJECTIONS) projection.project(db, touched);
}

/** These, and all that are made from them, directly or not. */
export function withFed(names: Iterable<ProjectionName>): ReadonlySet<ProjectionName> {
  const all = new Set(names);
  for (const { name, feeds } of PROJECTIONS) if (all.has(name)) for (const fed of feeds) all.add(fed);
  return all;
}
