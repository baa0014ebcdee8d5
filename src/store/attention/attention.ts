/** What a person does about what needs attention: tries it again, takes it away as a file, or discards it. */
import type { AttentionKind, Retried, ThingId, ThingsPage } from '../../core/attention.ts';
import { idToBytes, type BundleId } from '../../core/ids.ts';
import { timestampToBytes } from '../../core/timestamp.ts';
import { attributeToSql, idFromSql } from '../blob.ts';
import type { SqlDatabase } from '../database.ts';
import { readIdentity } from '../identity.ts';
import { finishRelease, Intake, parsed, tryHeld, type Reader } from '../ingest.ts';
import { returnToOutbox, takeBackRefused } from '../outbox.ts';
import { isHeldKind } from '../quarantine.ts';
import type { StoreAttention, StoreOptions } from '../store.ts';
import type { SyncListener } from '../sync.ts';
import { exportedThing } from './exported.ts';
import { contentsOf, heldRows, refusedRows, whereOf, type RefusedRow, type Selection } from './things.ts';

/** Things dealt with in one SQL transaction: each may be as large as a bundle. */
const AT_A_TIME = 20;

type Listener = Pick<SyncListener, 'arrived' | 'waitingChanged'>;

const selected = (id: ThingId | null): Selection => (id === null ? 'attention' : { id });

export class BookAttention implements StoreAttention {
  readonly #db: SqlDatabase;
  /** With the corrected clock: estimated server time. */
  readonly #options: StoreOptions;
  readonly #reader: Reader;
  readonly #listener: Listener;

  constructor(db: SqlDatabase, options: StoreOptions, reader: Reader, listener: Listener) {
    this.#db = db;
    this.#options = options;
    this.#reader = reader;
    this.#listener = listener;
  }

  retry(kind: AttentionKind, id: ThingId | null, after: number): Retried & { readonly next: number | null } {
    const db = this.#db;
    if (!isHeldKind(kind)) {
      const rows = db.transaction('full', () => {
        const found = refusedRows(db, selected(id), after, AT_A_TIME);
        for (const row of found) this.#sendAgain(row);
        return found;
      });
      this.#listener.waitingChanged();
      return { settled: rows.length, left: 0, next: nextAfter(rows) };
    }
    const { ingested, rows, settled } = db.transaction('normal', () => {
      const found = heldRows(db, kind, selected(id), after, AT_A_TIME);
      const intake = new Intake(db, this.#options.now(), this.#reader.schema);
      let applied = 0;
      for (const row of found) {
        // Who tries it again has changed their mind.
        if (row.discarded_at !== null) db.run('UPDATE quarantine SET discarded_at = NULL WHERE number = ?', [row.number]); // prettier-ignore
        if (tryHeld(db, this.#reader, intake, row)) applied += 1;
      }
      return { ingested: finishRelease(db, intake), rows: found, settled: applied };
    });
    this.#listener.waitingChanged();
    this.#listener.arrived([...ingested.fresh, ...ingested.told]);
    return { settled, left: rows.length - settled, next: nextAfter(rows) };
  }

  discard(kind: AttentionKind, id: ThingId | null): number {
    const db = this.#db;
    const { table, where, params } = whereOf(kind, selected(id));
    const discarded = db.transaction('full', () => {
      if (kind === 'refused') this.#keepHere(selected(id));
      return db.run(`UPDATE ${table} SET discarded_at = ? WHERE ${where} AND discarded_at IS NULL`, [
        Math.floor(this.#options.now()),
        ...params,
      ]);
    });
    this.#listener.waitingChanged();
    return discarded;
  }

  export(kind: AttentionKind, id: ThingId | null, after: number): ThingsPage {
    const rows = isHeldKind(kind)
      ? heldRows(this.#db, kind, selected(id), after, AT_A_TIME)
      : refusedRows(this.#db, selected(id), after, AT_A_TIME);
    return { things: rows.map((row) => exportedThing(this.#db, this.#reader, row)), next: nextAfter(rows) };
  }

  /**
   * Back into the outbox as it was sealed: the same bytes under the same id. Where this device goes by another name by now, or
   * the book is another one's, no server would take them from it: then its changes are sealed anew.
   */
  #sendAgain(row: RefusedRow): void {
    const id = idFromSql<BundleId>(row.id);
    const { bookId, clientId, userId } = readIdentity(this.#db);
    const message = parsed(row.message);
    const bundle = this.#reader.messages.read(message.ok ? message.value : null);
    const ours =
      bundle.ok &&
      bundle.value.bookId === bookId &&
      bundle.value.clientId === clientId &&
      (userId === null || bundle.value.userId === userId);
    if (ours) returnToOutbox(this.#db, id);
    else takeBackRefused(this.#db, id);
  }

  /**
   * Others' events do not remember in which repair bundle they went out. Those of one that is discarded do: the server is not
   * known to have them, so they are never pruned and in no snapshot, and are not sent again ([PRUNE-4], [SNAP-4]).
   */
  #keepHere(selection: Selection): void {
    for (let after: number | null = 0; after !== null;) {
      const rows = refusedRows(this.#db, selection, after, AT_A_TIME);
      for (const row of rows) {
        if (row.repair === 0 || row.discarded_at !== null) continue;
        this.#db.bulk(
          'UPDATE events SET bundle_id = ? WHERE entity_id = ? AND attribute = ? AND timestamp = ? AND id = ?',
          (contentsOf(this.#reader, row)?.events ?? []).map((event) => [
            row.id,
            idToBytes(event.entityId),
            attributeToSql(event.attribute),
            timestampToBytes(event.timestamp),
            idToBytes(event.id),
          ]),
        );
      }
      after = nextAfter(rows);
    }
  }
}

function nextAfter(rows: readonly { readonly number: number }[]): number | null {
  return rows.length === AT_A_TIME ? (rows.at(-1)?.number ?? null) : null;
}
