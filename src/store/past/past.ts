/** The moment of the past that was asked about last: which tables are filled for it, and until when they hold. */
import { DELETED, SAMPLE, TYPE } from '../../core/attribute.ts';
import { idToBytes, type EntityId } from '../../core/ids.ts';
import type { AttributeName, Event } from '../../core/event.ts';
import type { Moment } from '../../core/query.ts';
import { readCatalog, type Catalog } from '../catalog.ts';
import type { SqlDatabase } from '../database.ts';
import { boundsOf, type Bounds } from '../moment.ts';
import { ViewCache } from '../queries/view-cache.ts';
import { fillAttributes, fillEntities, fillSchema, fillSearch, makeEntities } from './filling.ts';
import { emptyPast, PastTables } from './tables.ts';

/** Attributes that decide whether an entity exists and what it is. */
const EXISTENCE: readonly AttributeName[] = [TYPE, DELETED, SAMPLE];

/** Of so many entities everything is kept, some 50 MB; with more of them the tables are begun anew at the next query. */
const KEPT_ENTITIES = 50_000;

/** A moment whose tables are open. */
interface Opened {
  readonly moment: Moment;
  readonly bounds: Bounds;
  readonly catalog: Catalog;
  readonly views: ViewCache;
  readonly attributes: Set<AttributeName>;
  readonly entities: Set<EntityId>;
  readonly searched: Set<EntityId>;
}

export class Past {
  /** What queries read. */
  readonly tables: SqlDatabase;
  readonly #db: SqlDatabase;
  #opened: Opened | null = null;

  constructor(db: SqlDatabase) {
    this.#db = db;
    this.tables = new PastTables(db);
  }

  /** Turns the tables to a moment. They hold its schema then, and whatever else was asked for while it stayed the same. */
  open(moment: Moment): { readonly catalog: Catalog; readonly views: ViewCache } {
    const bounds = boundsOf(this.#db, moment);
    if (this.#opened && holdsFor(this.#opened, moment, bounds)) return this.#opened;
    this.close();
    emptyPast(this.#db);
    this.#db.run('INSERT INTO temp.past_moment VALUES (?, ?)', [bounds.timestamp, bounds.arrival]);
    fillSchema(this.#db, bounds);
    this.#opened = {
      moment,
      bounds,
      catalog: readCatalog(this.tables),
      views: new ViewCache(),
      attributes: new Set(),
      entities: new Set(),
      searched: new Set(),
    };
    return this.#opened;
  }

  /** Sees to it that it is known which entities there were, and these attributes of every one. */
  needTable(attributes: Iterable<AttributeName>): void {
    const opened = this.#open();
    const missing = [...new Set([...EXISTENCE, ...attributes])].filter((each) => !opened.attributes.has(each));
    if (missing.length === 0) return;
    fillAttributes(this.#db, opened.bounds, missing);
    if (!opened.attributes.has(TYPE)) makeEntities(this.#db);
    for (const attribute of missing) opened.attributes.add(attribute);
  }

  /** Sees to it that everything is known of these entities. Returns whether anything was not. */
  needEntities(ids: Iterable<EntityId>): boolean {
    const opened = this.#open();
    const missing = [...new Set(ids)].filter((id) => !opened.entities.has(id));
    if (missing.length === 0) return false;
    fillEntities(this.#db, opened.bounds, missing);
    for (const id of missing) opened.entities.add(id);
    return true;
  }

  /** Sees to it that the words of a type's records are known. Needs the table with all of its fields. */
  needWords(type: EntityId): void {
    const opened = this.#open();
    if (opened.searched.has(type)) return;
    fillSearch(this.#db, idToBytes(type));
    opened.searched.add(type);
  }

  /** Forgets what these events, which were committed, have made untrue. What is `known` is compared when it is opened. */
  committed(events: readonly Event[]): void {
    const moment = this.#opened?.moment;
    if (moment?.reading === 'dated' && events.some((event) => event.timestamp <= moment.at)) this.close();
  }

  /** Forgets everything. */
  close(): void {
    this.#opened = null;
  }

  #open(): Opened {
    if (this.#opened === null) throw new Error('no moment of the past is open');
    return this.#opened;
  }
}

/** What is known by a moment that has not passed becomes more. */
function holdsFor({ moment, bounds, entities }: Opened, { at, reading }: Moment, { arrival }: Bounds): boolean {
  return moment.at === at && moment.reading === reading && bounds.arrival === arrival && entities.size <= KEPT_ENTITIES;
}
