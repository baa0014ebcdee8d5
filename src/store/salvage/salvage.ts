// Over 400 lines on purpose: what is taken from where, and in which order, is one decision that is read as a whole.
/**
 * Brings what can still be read of a damaged book into a new one. The file is read page by page, without SQLite, which gives
 * up on a table as soon as one page of it is damaged, and on everything when that is the first page.
 *
 * All events that are found come along, so that the records are there at once, also offline. What the server has not
 * acknowledged is sent again; what was acknowledged and could not be read comes back when sync reads the book's stream from
 * the start. Where it cannot be told any more which bundles the server has, everything that was made here is sent again:
 * events are known by their keys, so a repetition does no harm.
 */
import { openBundle } from '../../core/bundle-codec.ts';
import { MAX_AHEAD_MILLIS } from '../../core/clock.ts';
import type { Event } from '../../core/event.ts';
import { bytesToHex, hexToBytes } from '../../core/hex.ts';
import { idToBytes, parseId, type BundleId, type ClientId, type EntityId, type EventId } from '../../core/ids.ts';
import { millisOf, timestampToBytes } from '../../core/timestamp.ts';
import type { JsonText } from '../../core/value.ts';
import { attributeFromSql, bytesOf, idFromSql, numberOf, previousFromSql, textOf, timestampFromSql } from '../blob.ts';
import { REPAIR } from '../acknowledged.ts';
import { readConfig, writeConfig } from '../config.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import type { BundleMessages } from '../store.ts';
import type { Row } from './cells.ts';
import { PageFile, type DamagedFile } from './page-file.ts';
import { RescuedLog } from './rescued-log.ts';
import {
  ARRIVALS,
  ATTRIBUTES,
  CLIENTS,
  COMMANDS,
  CONFIG,
  DEAD_LETTERS,
  EVENTS,
  EVENTS_KEY,
  LEAVES,
  OUTBOX,
  PRUNED,
  QUARANTINE,
} from './shapes.ts';
import { DamagedTables, type Shape } from './tables.ts';

/** Rows written in one SQL transaction. */
const ROWS_AT_A_TIME = 2_000;

export interface SalvageOptions {
  /** Whether this device syncs: the server has what it acknowledged. */
  readonly linked: boolean;
  /** Client ids that this device is known to have had. */
  readonly clients: readonly ClientId[];
  /** This device's clock, Unix milliseconds. */
  readonly now: number;
  readonly messages: BundleMessages;
}

/** What a salvage came to. */
export interface Salvaged {
  /** Events that were found. */
  readonly events: number;
  /** Of them those that are to be sent: the server has not acknowledged them, or that is not known any more. */
  readonly unsent: number;
  /** Whether it is known of each. */
  readonly certain: boolean;
  /** Events of which it is known that they were there, that could not be read, and that no server has. */
  readonly lost: number;
  /** Whether more may be missing than is known: parts of the log and of its index are gone. */
  readonly perhapsMore: boolean;
}

/** Values of `config` that hold for the book, whoever has it open; all others are about the client that is no more. */
const LASTING = ['book', 'user', 'clock', 'clock_offset', 'restamped_through', 'horizon', 'history_since'] as const;

/**
 * Brings what can be read of `files` (the oldest first) into `db`, a new book with an identity of its own. Everything
 * derived is still to be rebuilt afterwards. Yields after each SQL transaction, so that the caller can do something else.
 * Throws SqlError; what was written until then is of no use.
 */
export function* salvage(
  db: SqlDatabase,
  files: readonly DamagedFile[],
  options: SalvageOptions,
): Generator<void, Salvaged> {
  createTables(db);
  let lost = 0;
  let perhapsMore = false;
  let certain = true;
  for (const file of files) {
    const one = new Salvage(db, new DamagedTables(new PageFile(file)), options);
    yield* one.run();
    lost += one.lost;
    perhapsMore ||= one.perhapsMore;
    certain &&= one.certain;
  }
  const count = (where: string): number =>
    db.get<{ n: number }>(`SELECT count(*) AS n FROM events WHERE ${where}`)?.n ?? 0;
  return { events: count('true'), unsent: count('bundle_id IS NULL'), certain, lost, perhapsMore };
}

/** The salvage of one file. */
class Salvage {
  readonly #db: SqlDatabase;
  readonly #tables: DamagedTables;
  readonly #options: SalvageOptions;
  readonly #config = new Map<string, SqlValue>();
  /** In hexadecimal: clients and clock nodes of this device, bundles that the server has not acknowledged or has refused. */
  readonly #mine = new Set<string>();
  readonly #nodes = new Set<string>();
  readonly #unacknowledged = new Set<string>();
  readonly #refused = new Set<string>();
  /** Whether it is known which clients are this device. */
  #knowsSelf = true;
  /** Whether it is known which bundles the server has. */
  certain = true;
  lost = 0;
  perhapsMore = false;

  constructor(db: SqlDatabase, tables: DamagedTables, options: SalvageOptions) {
    this.#db = db;
    this.#tables = tables;
    this.#options = options;
  }

  *run(): Generator<void, void> {
    this.#readConfig();
    this.#readClients();
    this.#readBundles();
    yield;
    const log = new RescuedLog(this.#db, this.#options.now, this.#latestMillis());
    let whole = true;
    for (const { rowid, values } of this.#tables.rows(EVENTS, () => (whole = false))) {
      const [id, client, entity, attribute, value, timestamp, previous, bundle = null] = values;
      const event = eventOf({ id, client, entity, attribute, value, timestamp, previous });
      const bundleId = this.#isUnsent(bundle, client ?? null) ? null : bundle;
      if (log.take({ event, bundleId, arrival: rowid !== null && rowid > 0 ? rowid : null })) yield;
    }
    log.flush();
    yield;
    yield* this.#takeMessages(log);
    if (!whole || log.refused > 0) yield* this.#takeFromIndexes(log);
    yield* this.#copyTheRest();
    this.#db.transaction('normal', () => {
      this.#noteClients();
      if (log.latest > timestampFromSql(readConfig(this.#db, 'clock'))) {
        writeConfig(this.#db, 'clock', timestampToBytes(log.latest));
      }
    });
    yield;
  }

  #readConfig(): void {
    let whole = true;
    for (const { values } of this.#tables.rows(CONFIG, () => (whole = false))) {
      const [key, value = null] = values;
      // What the tree has comes first, and what is found on pages of no tree may be older.
      if (typeof key === 'string' && !this.#config.has(key)) this.#config.set(key, value);
    }
    this.certain &&= whole;
    const client = this.#config.get('client');
    if (client instanceof Uint8Array) this.#mine.add(bytesToHex(client));
    const node = this.#config.get('node');
    if (node instanceof Uint8Array) this.#nodes.add(bytesToHex(node));
    for (const client of this.#options.clients) this.#mine.add(bytesToHex(idToBytes(client)));
    for (const key of this.#config.keys()) {
      const id = key.startsWith('unechoed:') ? parseId<BundleId>(key.slice('unechoed:'.length)) : null;
      // Acknowledged, and not seen in the stream so far: nobody knows whether the server still has it.
      if (id !== null) this.#unacknowledged.add(bytesToHex(idToBytes(id)));
    }
    this.#db.transaction('normal', () => {
      for (const key of LASTING) {
        const value = this.#config.get(key);
        if (value !== undefined && isSound(key, value)) writeConfig(this.#db, key, value);
      }
    });
  }

  #readClients(): void {
    let whole = true;
    const rows: SqlValue[][] = [];
    for (const { values } of this.#tables.rows(CLIENTS, () => (whole = false))) {
      rows.push([...values]);
      const [id, node, , self] = values;
      if (self !== 1) continue;
      this.#mine.add(bytesToHex(bytesOf(id ?? null)));
      this.#nodes.add(bytesToHex(bytesOf(node ?? null)));
    }
    this.#knowsSelf = whole;
    this.certain &&= whole;
    this.#db.bulk('INSERT INTO clients (id, node_id, user_id, self) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING', rows);
  }

  #readBundles(): void {
    const broken = (): void => void (this.certain = false);
    let resending = this.#config.has('resend_through') || this.#config.has('lost');
    for (const { values } of this.#tables.rows(OUTBOX, broken)) {
      this.#unacknowledged.add(bytesToHex(bytesOf(values[1] ?? null)));
      resending ||= values[5] === 1;
    }
    for (const { values } of this.#tables.rows(DEAD_LETTERS, broken)) {
      this.#refused.add(bytesToHex(bytesOf(values[1] ?? null)));
      resending ||= values[6] === 1 && (values[11] ?? null) === null;
    }
    for (const [key, value] of this.#config) resending ||= key.startsWith('unechoed:') && value === REPAIR;
    // The server lost its log and is being told everything again: what it had acknowledged counts for nothing.
    if (resending) {
      this.certain = false;
      this.#knowsSelf = false;
    }
  }

  /** Whether an event is to be sent: the server does not have it, or that cannot be told. */
  #isUnsent(bundle: SqlValue, client: SqlValue): boolean {
    if (!this.#options.linked || bundle === null) return true;
    const id = bytesToHex(bytesOf(bundle));
    if (this.#refused.has(id)) return false;
    if (this.#unacknowledged.has(id)) return true;
    return !this.certain && (!this.#knowsSelf || this.#mine.has(bytesToHex(bytesOf(client))));
  }

  /** A clock that was ahead of others stays ahead; what is far beyond both clocks was never written by anybody. */
  #latestMillis(): number {
    const clock = readConfig(this.#db, 'clock');
    const known = clock === null ? 0 : millisOf(timestampFromSql(clock));
    return Math.max(known, this.#options.now) + MAX_AHEAD_MILLIS;
  }

  /** Sealed bundles hold their events once more. */
  *#takeMessages(log: RescuedLog): Generator<void, void> {
    for (const shape of [OUTBOX, DEAD_LETTERS]) {
      for (const { values } of this.#tables.rows(shape)) {
        const bundle = this.#options.messages.read(parseJson(textOf(values[2] ?? null)));
        const events = bundle.ok ? openBundle(bundle.value) : bundle;
        if (!bundle.ok || !events.ok) continue;
        const bundleId = shape === DEAD_LETTERS && this.#options.linked ? idToBytes(bundle.value.id) : null;
        for (const event of events.value) log.take({ event, bundleId, arrival: null });
        log.flush();
        yield;
      }
    }
  }

  /**
   * The newest value of an attribute stands in `attributes` as well, open versions stand in `leaves`, and the index of the
   * log knows which events there were. Its author is the one whose clock stamped it; what that author saw is taken to be the
   * version before. Where the server has an event, its own copy is better.
   */
  *#takeFromIndexes(log: RescuedLog): Generator<void, void> {
    const db = this.#db;
    db.exec('DELETE FROM temp.salvaged_keys');
    let known = true;
    yield* inBatches(
      this.#tables.rows(EVENTS_KEY, () => (known = false)),
      (rows) =>
        db.bulk(
          `INSERT INTO temp.salvaged_keys (entity_id, attribute, timestamp, id, arrival) SELECT ?1, ?2, ?3, ?4, ?5
         WHERE NOT EXISTS (SELECT 1 FROM events WHERE entity_id = ?1 AND attribute = ?2 AND timestamp = ?3 AND id = ?4)
         ON CONFLICT DO NOTHING`,
          rows.filter((values) => this.#isMissed(values[2] ?? null, numberOf(values[4] ?? null))),
        ),
    );
    this.perhapsMore = !known;
    const values: readonly (readonly [Shape, readonly number[]])[] = [
      [ATTRIBUTES, [1, 0, 3, 4, 2]],
      [LEAVES, [0, 1, 2, 3, 5]],
    ];
    for (const [shape, order] of values) {
      yield* inBatches(this.#tables.rows(shape), (rows) => {
        const candidates = rows.map((row) => order.map((column) => row[column] ?? null));
        for (const found of this.#reconstruct(candidates.filter((row) => this.#isMissed(row[2] ?? null, null)))) {
          log.take(found);
        }
      });
      log.flush();
    }
    const left = db.get<{ n: number }>(
      `SELECT count(*) AS n FROM temp.salvaged_keys k WHERE NOT EXISTS (SELECT 1 FROM events e
       WHERE e.entity_id = k.entity_id AND e.attribute = k.attribute AND e.timestamp = k.timestamp AND e.id = k.id)`,
    );
    this.lost = left?.n ?? 0;
  }

  /** Whether nobody else has an event of this timestamp: it is worth to be put together again, and missed otherwise. */
  #isMissed(timestamp: SqlValue, arrival: number | null): boolean {
    if (!this.#options.linked) return true;
    if (this.#knowsSelf && !this.#nodes.has(bytesToHex(bytesOf(timestamp)).slice(16))) return false;
    if (!this.certain || arrival === null) return true;
    const sealed = this.#config.get('sealed_through');
    return arrival > (typeof sealed === 'number' ? sealed : 0);
  }

  /** @param rows entity, attribute, timestamp, id and value of events */
  #reconstruct(rows: readonly (readonly SqlValue[])[]): Parameters<RescuedLog['take']>[0][] {
    const db = this.#db;
    return rows.flatMap(([entity_id = null, attribute = null, timestamp = null, id = null, value = null]) => {
      const missing = db.get<{ arrival: SqlValue; client_id: SqlValue; previous: SqlValue }>(
        `SELECT k.arrival, coalesce(c.id, (SELECT value FROM config WHERE key = 'client')) AS client_id,
           (SELECT max(timestamp) FROM (
             SELECT timestamp FROM events WHERE entity_id = ?1 AND attribute = ?2 AND timestamp < ?3
             UNION ALL SELECT timestamp FROM temp.salvaged_keys WHERE entity_id = ?1 AND attribute = ?2 AND timestamp < ?3
           )) AS previous
         FROM (SELECT 1) LEFT JOIN clients c ON c.node_id = substr(?3, 9)
           LEFT JOIN temp.salvaged_keys k ON k.entity_id = ?1 AND k.attribute = ?2 AND k.timestamp = ?3 AND k.id = ?4
         WHERE NOT EXISTS (SELECT 1 FROM events WHERE entity_id = ?1 AND attribute = ?2 AND timestamp = ?3 AND id = ?4)
         LIMIT 1`,
        [entity_id, attribute, timestamp, id],
      );
      if (!missing) return [];
      const { arrival, client_id, previous } = missing;
      // Of a sealed book, what has a number up to the last sealed one is in a bundle that the server has acknowledged.
      if (!this.#isMissed(timestamp, arrival === null ? null : numberOf(arrival))) return [];
      const event = eventOf({ id, client: client_id, entity: entity_id, attribute, value, timestamp, previous });
      return [{ event, bundleId: null, arrival: arrival === null ? null : numberOf(arrival) }];
    });
  }

  /** What is no event, and nowhere else. */
  *#copyTheRest(): Generator<void, void> {
    const copies: readonly (readonly [Shape, string])[] = [
      [
        DEAD_LETTERS,
        `INSERT INTO dead_letters (id, message, events, reason, rejected_at, repair, own, first_arrival, last_arrival, made_at, discarded_at)
         SELECT ?2, ?3, ?4, ?5, ?6, coalesce(?7, 0), coalesce(?8, ?4), coalesce(?9, 0), coalesce(?10, 0), coalesce(?11, ?6), ?12
         WHERE NOT EXISTS (SELECT 1 FROM dead_letters WHERE id = ?2)`,
      ],
      [
        QUARANTINE,
        `INSERT INTO quarantine (kind, digest, bundle_id, due, content, reason, version, arrived_at, discarded_at)
         SELECT ?2, ?3, ?4, ?5, ?6, ?7, coalesce(?8, 1), ?9, ?10
         WHERE NOT EXISTS (SELECT 1 FROM quarantine WHERE digest = ?3 AND kind = ?2 AND content = ?6)`,
      ],
      [COMMANDS, 'INSERT INTO commands (id, timestamp, events) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'],
      [PRUNED, 'INSERT INTO pruned (entity_id, attribute, stamps) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'],
    ];
    for (const [shape, sql] of copies) {
      const places = Array.from({ length: shape.columns }, (_, i) => i);
      yield* inBatches(this.#tables.rows(shape), (rows) =>
        this.#db.bulk(
          sql,
          rows.map((row) => places.map((i) => row[i] ?? null)),
        ),
      );
    }
    const arrivals = [...this.#tables.rows(ARRIVALS)].map(({ rowid, values }) => [rowid, ...values.slice(1)]);
    this.#db.bulk(
      'INSERT INTO arrivals (first_arrival, last_arrival, timestamp) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      arrivals,
    );
  }

  /** Everybody whose events were found, and which of them were this device. */
  #noteClients(): void {
    this.#db.run(
      `INSERT INTO clients (id, node_id, user_id, self) SELECT client_id, substr(min(timestamp), 9), NULL, 0 FROM events
       WHERE true GROUP BY client_id ON CONFLICT DO NOTHING`,
    );
    this.#db.bulk(
      'UPDATE clients SET self = 1 WHERE id = ?',
      Array.from(this.#mine, (id) => [hexToBytes(id)]),
    );
  }
}

function createTables(db: SqlDatabase): void {
  db.exec(`CREATE TEMP TABLE IF NOT EXISTS salvaged_keys(
    entity_id BLOB NOT NULL, attribute NOT NULL, timestamp BLOB NOT NULL, id BLOB NOT NULL, arrival INTEGER NOT NULL,
    PRIMARY KEY (entity_id, attribute, timestamp, id)) WITHOUT ROWID`);
}

/** Whether a value of `config` is what it should be: a page that is half gone may say anything. */
function isSound(key: (typeof LASTING)[number], value: SqlValue): boolean {
  switch (key) {
    case 'book':
    case 'user':
    case 'clock':
    case 'horizon':
    case 'history_since':
      return value instanceof Uint8Array && value.length === 16;
    case 'clock_offset':
    case 'restamped_through':
      return typeof value === 'number';
  }
}

/** The event in columns whose types a shape has made sure of. */
function eventOf(columns: {
  readonly [C in 'id' | 'client' | 'entity' | 'attribute' | 'value' | 'timestamp' | 'previous']: SqlValue | undefined;
}): Event {
  const { id = null, client = null, entity = null, attribute = null, value = null } = columns;
  return {
    id: idFromSql<EventId>(id),
    clientId: idFromSql<ClientId>(client),
    entityId: idFromSql<EntityId>(entity),
    attribute: attributeFromSql(attribute),
    value: textOf(value) as JsonText,
    timestamp: timestampFromSql(columns.timestamp ?? null),
    previous: previousFromSql(columns.previous ?? null),
  };
}

/** Rows some thousands at a time; yields after each. */
function* inBatches(
  rows: Iterable<Row>,
  write: (rows: readonly (readonly SqlValue[])[]) => unknown,
): Generator<void, void> {
  let batch: (readonly SqlValue[])[] = [];
  for (const { values } of rows) {
    batch.push(values);
    if (batch.length < ROWS_AT_A_TIME) continue;
    write(batch);
    batch = [];
    yield;
  }
  if (batch.length > 0) write(batch);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
