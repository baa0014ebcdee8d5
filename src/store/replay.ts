/** Derives everything about one entity anew from the log ([LOG-2]). */
import { idToBytes, type EntityId } from '../core/ids.ts';
import type { SqlDatabase } from './database.ts';
import { projectTouched } from './projections/registry.ts';
import { touchedWhole } from './projections/touched.ts';
import { rebuildAttributesOf } from './rebuild.ts';

/**
 * Makes an entity's attributes, open versions, collisions and rows in projections anew, inside the caller's SQL
 * transaction; of a field also what its values come to in projections. Counts of whole types and transactions, which are of
 * no one entity, stay as they are.
 */
export function replayEntity(db: SqlDatabase, id: EntityId): void {
  rebuildAttributesOf(db, idToBytes(id));
  // No event is new.
  projectTouched(db, touchedWhole(db, id, Number.MAX_SAFE_INTEGER));
}
