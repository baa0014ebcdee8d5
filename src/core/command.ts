/** Named, validated intentions. Each yields one transaction and can be undone. Ids are minted by the caller, before the call. */
import type { AttributeName } from './event.ts';
import type { FieldKind } from './attribute.ts';
import type { CommandId, EntityId, EventId } from './ids.ts';
import type { Moment } from './query.ts';
import type { Timestamp } from './timestamp.ts';
import type { JsonValue } from './value.ts';

export interface NewOption {
  readonly id: EntityId;
  readonly name: string;
  readonly tint: number;
}

export interface NewField {
  readonly id: EntityId;
  readonly name: string;
  readonly kind: FieldKind;
  /** For select and multiSelect, in order. */
  readonly options?: readonly NewOption[];
  /** For link: the type whose records it points to. */
  readonly target?: EntityId;
}

export interface NewRecord {
  readonly id: EntityId;
  /** Values by field id. Nulls and missing fields are simply not written. */
  readonly values: { readonly [field: string]: JsonValue };
}

export type Command =
  | {
      readonly kind: 'createType';
      readonly id: EntityId;
      readonly name: string;
      readonly icon?: string;
      readonly fields: readonly NewField[];
    }
  | {
      readonly kind: 'changeType';
      readonly id: EntityId;
      readonly name?: string;
      readonly icon?: string;
      readonly hidden?: boolean;
    }
  /** Puts a type after another (null: first). */
  | { readonly kind: 'moveType'; readonly id: EntityId; readonly after: EntityId | null }
  /** Adds a field at the end of its type. */
  | { readonly kind: 'createField'; readonly type: EntityId; readonly field: NewField }
  | { readonly kind: 'changeField'; readonly id: EntityId; readonly name?: string; readonly hidden?: boolean }
  | { readonly kind: 'moveField'; readonly id: EntityId; readonly after: EntityId | null }
  /** Adds an option (at the end), renames or re-tints one, or takes one off the list (null). */
  | {
      readonly kind: 'setOption';
      readonly field: EntityId;
      readonly option: EntityId;
      readonly value: { readonly name: string; readonly tint: number } | null;
    }
  | {
      readonly kind: 'createRecords';
      readonly type: EntityId;
      readonly records: readonly NewRecord[];
      readonly sample?: boolean;
    }
  /** Sets values of one or many records; null clears. */
  | {
      readonly kind: 'setValues';
      readonly changes: readonly { readonly entityId: EntityId; readonly field: EntityId; readonly value: JsonValue }[];
    }
  | { readonly kind: 'deleteRecords'; readonly ids: readonly EntityId[] }
  | { readonly kind: 'restoreRecords'; readonly ids: readonly EntityId[] }
  /** Moves every record that is still marked as a sample to the Trash. */
  | { readonly kind: 'removeSamples'; readonly type: EntityId }
  /** Writes the value that an earlier event held as a new change. */
  | {
      readonly kind: 'restoreValue';
      readonly entityId: EntityId;
      readonly attribute: AttributeName;
      readonly eventId: EventId;
    }
  /**
   * Writes the values that records had at a moment as new changes, and puts them into the Trash or takes them out as it was:
   * what did not exist then goes to the Trash, values that were not there then are cleared. With `fields`, the values of
   * these alone.
   */
  | {
      readonly kind: 'restoreAsOf';
      readonly ids: readonly EntityId[];
      readonly moment: Moment;
      readonly fields?: readonly EntityId[];
    }
  /** Names a client or a user, making the entity on first use. */
  | { readonly kind: 'nameDevice'; readonly client: EntityId; readonly user: EntityId | null; readonly name: string }
  | { readonly kind: 'namePerson'; readonly user: EntityId; readonly name: string }
  /** Several commands, in order, as one transaction: a template, an import. Later ones see what earlier ones make. */
  | { readonly kind: 'batch'; readonly label: string; readonly commands: readonly Command[] };

/** A command with the id that makes a retry harmless: the same id is carried out once. */
export interface CommandRequest {
  readonly id: CommandId;
  readonly command: Command;
}

export interface Done {
  /** Timestamp of the transaction; null when the command changed nothing. */
  readonly timestamp: Timestamp | null;
  readonly events: number;
}

/** One thing wrong with a command: which entity, which field (or null), and why, in plain words. */
export interface Problem {
  readonly entityId: EntityId;
  readonly field: EntityId | null;
  readonly reason: string;
}

export type CommandError =
  /** Nothing was written. At most the first 100 problems are listed; `count` is how many there are. */
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[]; readonly count: number }
  /** The storage refused the write; nothing was written. */
  | { readonly kind: 'storage'; readonly reason: 'full' | 'other'; readonly message: string }
  /** Undo or redo has nothing to do. */
  | { readonly kind: 'nothingToUndo' }
  /** Undo would overwrite what somebody changed since: ask, then call again with `force`. */
  | { readonly kind: 'changedSince'; readonly problems: readonly Problem[] };
