/** What the interface may ask of a book, and what it is answered. Answers cross the worker boundary as one JSON text. */
import type { AttentionAnswer } from './attention.ts';
import type { FieldKind, OptionValue } from './attribute.ts';
import type { AttributeName } from './event.ts';
import type { ClientId, EntityId, EventId, UserId } from './ids.ts';
import type { Timestamp } from './timestamp.ts';
import type { JsonValue } from './value.ts';

export interface Sort {
  readonly field: EntityId;
  readonly direction: 'ascending' | 'descending';
}

export type Filter =
  | { readonly field: EntityId; readonly test: 'is' | 'isNot'; readonly value: JsonValue }
  | { readonly field: EntityId; readonly test: 'contains'; readonly value: string }
  | { readonly field: EntityId; readonly test: 'empty' | 'notEmpty' }
  | { readonly field: EntityId; readonly test: 'atLeast' | 'atMost'; readonly value: number | string };

/**
 * A moment of the past, and how it is read: `dated` takes every change stamped up to it, those that arrived later included;
 * `known` takes what this device held by then, made here or arrived, whatever it is stamped.
 */
export interface Moment {
  readonly at: Timestamp;
  readonly reading: 'known' | 'dated';
}

/** With `asOf`, an answer tells how things stood at that moment. What makes no sense of the past, like `waiting`, is false. */
export type Query =
  | { readonly kind: 'schema'; readonly asOf?: Moment }
  /** A page of a type's records; `total` counts all that match. Unsorted: in the order in which they were made. */
  | {
      readonly kind: 'records';
      readonly type: EntityId;
      readonly search?: string;
      readonly sort?: Sort;
      readonly filters?: readonly Filter[];
      readonly offset: number;
      readonly limit: number;
      readonly asOf?: Moment;
    }
  /** Records of every type whose values contain the words. */
  | { readonly kind: 'search'; readonly text: string; readonly limit: number; readonly asOf?: Moment }
  | { readonly kind: 'record'; readonly id: EntityId; readonly asOf?: Moment }
  /** Changes of an entity (or of one of its attributes), newest first, before a timestamp. */
  | {
      readonly kind: 'history';
      readonly entityId: EntityId;
      readonly attribute?: AttributeName;
      readonly before?: Timestamp;
      readonly limit: number;
    }
  /** Transactions of the whole book, newest first, before a timestamp. */
  | { readonly kind: 'activity'; readonly before?: Timestamp; readonly limit: number }
  | { readonly kind: 'trash'; readonly offset: number; readonly limit: number; readonly asOf?: Moment }
  /**
   * Attributes whose values differ between two moments (`now`: null for the present), of some entities, of the records of
   * one type (at either moment), or of the whole book; entity by entity, the one made last first. `total` counts all.
   */
  | {
      readonly kind: 'diff';
      readonly then: Moment;
      readonly now: Moment | null;
      readonly entityIds?: readonly EntityId[];
      readonly type?: EntityId;
      readonly limit: number;
    }
  /** Which moments can be asked about. */
  | { readonly kind: 'timeline' }
  | { readonly kind: 'conflicts'; readonly limit: number }
  /** Records that link to a record, by type and field, those made first first. */
  | { readonly kind: 'backlinks'; readonly id: EntityId; readonly offset: number; readonly limit: number }
  /**
   * How many records of a type hold each value of a field, in the order in which they would be sorted, the empty value last;
   * a record with several options counts for each of them.
   */
  | {
      readonly kind: 'groups';
      readonly type: EntityId;
      readonly field: EntityId;
      readonly search?: string;
      readonly filters?: readonly Filter[];
      readonly limit: number;
    }
  /** Entities with changes that the server has not acknowledged, the one changed last first. */
  | { readonly kind: 'waiting'; readonly limit: number }
  /** What sync could not deal with by itself, and what of it was discarded; `limit` things of each kind. */
  | { readonly kind: 'attention'; readonly limit: number }
  | { readonly kind: 'undo' }
  /** Names of the people and devices that history speaks of. */
  | { readonly kind: 'people' }
  /** What this version of the app is still making ready. */
  | { readonly kind: 'preparing' };

export interface Option extends OptionValue {
  readonly id: EntityId;
}

export interface Field {
  readonly id: EntityId;
  readonly type: EntityId;
  readonly name: string;
  readonly kind: FieldKind;
  readonly order: string;
  readonly hidden: boolean;
  /** In order; empty for kinds without options. */
  readonly options: readonly Option[];
  readonly target: EntityId | null;
}

export interface RecordType {
  readonly id: EntityId;
  readonly name: string;
  readonly icon: string | null;
  readonly order: string;
  readonly hidden: boolean;
  /** In order, hidden ones included. The first visible text-like field is the title of a record. */
  readonly fields: readonly Field[];
  /** Records not in the Trash. */
  readonly records: number;
  /** How many of them are samples. */
  readonly samples: number;
}

export interface SchemaAnswer {
  /** In order, hidden ones included. */
  readonly types: readonly RecordType[];
}

export interface RecordRow {
  readonly id: EntityId;
  readonly type: EntityId;
  /** Values by field id; empty ones are left out. */
  readonly values: { readonly [field: string]: JsonValue };
  /** Titles of the records that link fields point to, by record id. */
  readonly links: { readonly [entityId: string]: string };
  /** Whether a change of it waits to be acknowledged by the server (false when no sync is set up). */
  readonly waiting: boolean;
  /** Whether the server refused a change of it: no other device has that one. */
  readonly refused: boolean;
  readonly conflicted: boolean;
  readonly sample: boolean;
}

export interface RecordsAnswer {
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly RecordRow[];
  readonly partial?: true;
}

export interface SearchAnswer {
  readonly hits: readonly {
    readonly id: EntityId;
    readonly type: EntityId;
    readonly title: string;
    readonly excerpt: string;
  }[];
  readonly partial?: true;
}

/** Null when there is no such record. */
export type RecordAnswer = RecordDetail | null;

export interface RecordDetail extends RecordRow {
  readonly deleted: boolean;
  /** Title as lists show it. */
  readonly title: string;
  /** First and last change. */
  readonly createdAt: Timestamp;
  readonly changedAt: Timestamp;
  readonly changedBy: ClientId;
  /** Fields in conflict: every open version, newest (the winner) first. */
  readonly conflicts: readonly Conflict[];
  /** Values that no longer fit their field's kind: kept, shown, flagged. */
  readonly misfits: readonly { readonly field: EntityId; readonly reason: string }[];
}

export interface Conflict {
  readonly entityId: EntityId;
  readonly attribute: AttributeName;
  readonly versions: readonly {
    readonly eventId: EventId;
    readonly value: JsonValue;
    readonly timestamp: Timestamp;
    readonly clientId: ClientId;
    /** The versions that its author saw and replaced, oldest first: none when it was the first, or they have been pruned. */
    readonly saw: readonly { readonly value: JsonValue; readonly timestamp: Timestamp }[];
  }[];
}

/** One change as history tells it. Ids inside `value` and `before` (options, links) are resolved in `words`. */
export interface Change {
  readonly eventId: EventId;
  readonly entityId: EntityId;
  readonly attribute: AttributeName;
  /** Name of the field at present; null for a system attribute or a field that is not known (yet). */
  readonly fieldName: string | null;
  readonly fieldKind: FieldKind | null;
  readonly value: JsonValue;
  /** Value that won just before this change, by timestamp; null when there was none. */
  readonly before: JsonValue;
  /** Names for the option and record ids in `value` and `before`. */
  readonly words: { readonly [id: string]: string };
  readonly timestamp: Timestamp;
  readonly clientId: ClientId;
  /** Not yet acknowledged by the server. */
  readonly waiting: boolean;
  /** Refused by the server: no other device has it. */
  readonly refused: boolean;
  /** Whether it is the current value. */
  readonly current: boolean;
}

export interface HistoryAnswer {
  readonly changes: readonly Change[];
  /** Pass as `before` for the next page; null at the end. */
  readonly next: Timestamp | null;
}

export interface ActivityAnswer {
  readonly transactions: readonly {
    readonly timestamp: Timestamp;
    readonly clientId: ClientId;
    /** Events and entities in it. */
    readonly events: number;
    readonly entities: number;
    /** The first few changes, with the titles of their entities. */
    readonly changes: readonly (Change & { readonly title: string; readonly type: EntityId | null })[];
  }[];
  readonly next: Timestamp | null;
  readonly partial?: true;
}

export interface TrashAnswer {
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly {
    readonly id: EntityId;
    readonly type: EntityId;
    readonly title: string;
    readonly deletedAt: Timestamp;
    readonly deletedBy: ClientId;
  }[];
}

/** One attribute that differs between two moments. Ids in `before` and `after` (options, links) are resolved in `words`. */
export interface Difference {
  readonly entityId: EntityId;
  /** What the entity is called now, and its user-made type (null for types, fields, devices and people). */
  readonly title: string;
  readonly type: EntityId | null;
  readonly attribute: AttributeName;
  /** As in `Change`: null for a system attribute or a field that is not known. */
  readonly fieldName: string | null;
  readonly fieldKind: FieldKind | null;
  /** Null where there was none. */
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly words: { readonly [id: string]: string };
}

export interface DiffAnswer {
  readonly total: number;
  readonly changes: readonly Difference[];
}

/** Timestamps of the first and last transaction; null in a book without any. */
export interface TimelineAnswer {
  readonly first: Timestamp | null;
  readonly last: Timestamp | null;
  /** Since when history is complete: before, superseded values have been pruned. Null: always. */
  readonly completeSince: Timestamp | null;
}

export interface ConflictsAnswer {
  readonly total: number;
  readonly conflicts: readonly (Conflict & { readonly title: string; readonly fieldName: string | null })[];
}

export interface BacklinksAnswer {
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly {
    readonly id: EntityId;
    readonly type: EntityId;
    /** The field that holds the link. */
    readonly field: EntityId;
    readonly title: string;
  }[];
  readonly partial?: true;
}

export interface GroupsAnswer {
  /** How many values there are. */
  readonly total: number;
  /** As many of them as were asked for. */
  readonly groups: readonly {
    /** What the filter `is` takes: null for records without a value, the id of one option where several can be chosen. */
    readonly value: JsonValue;
    /** Name of the option, or title of the record that is linked to; null where the value speaks for itself. */
    readonly name: string | null;
    readonly records: number;
  }[];
  readonly partial?: true;
}

export interface WaitingAnswer {
  readonly records: readonly {
    readonly id: EntityId;
    /** User-made type; null for everything that is no record. */
    readonly type: EntityId | null;
    readonly title: string;
    readonly changes: number;
  }[];
  /** Whether there are more than were asked for. */
  readonly more: boolean;
}

export interface UndoAnswer {
  /** What undo and redo would take back or do again, in a few words ("Edit Status"); null when there is nothing. */
  readonly undo: string | null;
  readonly redo: string | null;
}

export interface PeopleAnswer {
  /** The client that asks. */
  readonly self: ClientId;
  readonly clients: readonly { readonly id: ClientId; readonly name: string; readonly user: UserId | null }[];
  readonly users: readonly { readonly id: UserId; readonly name: string }[];
}

/** Read models that are kept beside the newest values, each of which can be made anew by itself. */
export type ProjectionName = 'entities' | 'fields' | 'search' | 'folded' | 'links' | 'transactions';

/**
 * What is being made anew in the background, in order; empty nearly always. Until then, answers from it are `partial`:
 * what they hold is there, but there may be more.
 */
export interface PreparingAnswer {
  /** progress: how much of it is done, 0 to 1, in hundredths. */
  readonly parts: readonly { readonly name: ProjectionName; readonly progress: number }[];
}

/** The answer to each kind of query. */
export interface Answers {
  readonly schema: SchemaAnswer;
  readonly records: RecordsAnswer;
  readonly search: SearchAnswer;
  readonly record: RecordAnswer;
  readonly history: HistoryAnswer;
  readonly activity: ActivityAnswer;
  readonly trash: TrashAnswer;
  readonly diff: DiffAnswer;
  readonly timeline: TimelineAnswer;
  readonly conflicts: ConflictsAnswer;
  readonly backlinks: BacklinksAnswer;
  readonly groups: GroupsAnswer;
  readonly waiting: WaitingAnswer;
  readonly attention: AttentionAnswer;
  readonly undo: UndoAnswer;
  readonly people: PeopleAnswer;
  readonly preparing: PreparingAnswer;
}
export type AnswerOf<Q extends Query> = Answers[Q['kind']];
