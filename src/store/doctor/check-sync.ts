/** [LOG-3] Nothing that the server has not acknowledged is missing, or waits where nobody looks for it. */
import { openBundle } from '../../core/bundle-codec.ts';
import { CARRIER_BYTE } from '../../core/carrier.ts';
import { idToBytes, type BundleId } from '../../core/ids.ts';
import { timestampToBytes } from '../../core/timestamp.ts';
import { attributeToSql, idFromSql, numberOf, timestampFromSql } from '../blob.ts';
import { readConfig, readNumber } from '../config.ts';
import type { SqlDatabase, SqlRow, SqlValue } from '../database.ts';
import type { BundleMessages } from '../store.ts';
import type { Faults } from './faults.ts';

interface SealedRow extends SqlRow {
  readonly number: number;
  readonly id: SqlValue;
  readonly message: string;
  readonly events: number;
}

/** Every bundle that waits, or was refused, can be read, and what is in it is in the log. Yields after each. */
export function* checkOutbox(db: SqlDatabase, messages: BundleMessages, faults: Faults): Generator<void, void> {
  for (const table of ['outbox', 'dead_letters']) {
    for (let number = 0; ;) {
      const row: SealedRow | null = db.get<SealedRow>(
        `SELECT number, id, message, events FROM ${table} WHERE number > ? ORDER BY number LIMIT 1`,
        [number],
      );
      if (!row) break;
      number = row.number;
      checkSealed(db, messages, faults, row);
      yield;
    }
  }
}

function checkSealed(db: SqlDatabase, messages: BundleMessages, faults: Faults, row: SealedRow): void {
  const id = idFromSql<BundleId>(row.id);
  const bundle = messages.read(parseJson(row.message));
  if (bundle.ok && bundle.value.payload[0] === CARRIER_BYTE) return;
  const events = bundle.ok ? openBundle(bundle.value) : bundle;
  if (!events.ok) return faults.add(`bundle ${id} cannot be read`);
  if (events.value.length !== row.events) faults.add(`bundle ${id} does not hold ${row.events} changes`);
  if (!db.get('SELECT 1 FROM bundles WHERE id = ?', [row.id])) faults.add(`bundle ${id} is not in the list of bundles`);
  const missing = events.value.filter((event) => {
    const key = [
      idToBytes(event.entityId),
      attributeToSql(event.attribute),
      timestampToBytes(event.timestamp),
      idToBytes(event.id),
    ];
    const kept = db.get<{ value: SqlValue }>(
      'SELECT value FROM events WHERE entity_id = ? AND attribute = ? AND timestamp = ? AND id = ?',
      key,
    );
    return kept?.value !== event.value && !isHeld(db, event.id);
  });
  faults.add(`bundle ${id} holds ${missing.length} changes that the log does not`, missing.length);
}

/** What waits for its time in quarantine is sent with a log that is told everything again ([HLC-4]). */
function isHeld(db: SqlDatabase, id: string): boolean {
  return db.get(`SELECT 1 FROM quarantine WHERE kind = 'future' AND instr(content, ?) > 0`, [id]) !== null;
}

/** Every change made here is in a bundle, or will be; and what came when is in order. */
export function checkLog(db: SqlDatabase, faults: Faults): void {
  const count = (sql: string, params: readonly SqlValue[] = []): number =>
    numberOf(db.get<{ n: number }>(sql, params)?.n ?? 0);
  const behind = count(
    `SELECT count(*) AS n FROM events WHERE arrival <= ? AND bundle_id IS NULL
       AND client_id IN (SELECT id FROM clients WHERE self = 1)`,
    [readNumber(db, 'sealed_through', 0)],
  );
  faults.add(`${behind} changes are in no bundle, and none would be made for them`, behind);
  const last = count('SELECT coalesce(max(arrival), 0) AS n FROM events');
  const ranges = count('SELECT count(*) AS n FROM arrivals WHERE first_arrival > last_arrival');
  faults.add('it is not in order when changes came from elsewhere', ranges);
  const disorder = count(
    `SELECT count(*) AS n FROM (SELECT timestamp < lag(timestamp) OVER (ORDER BY first_arrival) AS back FROM arrivals) WHERE back`,
  );
  faults.add('changes that came later are noted as earlier', disorder);
  const strangers = count(
    'SELECT count(*) AS n FROM (SELECT DISTINCT client_id AS id FROM events) WHERE id NOT IN (SELECT id FROM clients)',
  );
  faults.add('changes were made by devices that are not listed', strangers);
  const mark = readNumber(db, 'sealed_through', 0);
  if (last > 0 && mark > last) faults.add(`changes count as sealed up to number ${mark}, and there are ${last}`);
}

/** [HLC-1] The clock is not behind anything in the log. */
export function checkClock(db: SqlDatabase, faults: Faults): void {
  const clock = readConfig(db, 'clock');
  const last = db.get<{ last: SqlValue }>('SELECT max(timestamp) AS last FROM transactions')?.last ?? null;
  if (last === null) return;
  if (clock === null || timestampFromSql(clock) < timestampFromSql(last)) faults.add('the clock is behind the log');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
