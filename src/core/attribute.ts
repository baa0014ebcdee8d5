import type { AttributeName } from './event.ts';
import type { EntityId } from './ids.ts';

/** Names of the system attributes; event-schema.ts says of each which values it takes. Options have names of their own. */
export type SystemAttribute =
  | 'type'
  | 'deleted'
  | 'name'
  | 'order'
  | 'hidden'
  | 'icon'
  | 'owner'
  | 'kind'
  | 'target'
  | 'sample'
  | 'user';
const named = (name: SystemAttribute): AttributeName => name as string as AttributeName;

/**
 * System attributes, by the entity that carries them. What a record holds besides is named by the ids of its fields.
 * Every entity has a `type`: a system type below, or the id of the user-made type whose record it is.
 */
export const TYPE = named('type');
/** `true` while the entity lies in the Trash; null otherwise. */
export const DELETED = named('deleted');
/** Name of a type, field, user (person) or client (device): text. */
export const NAME = named('name');
/** Sort key among siblings (types; fields of a type): fractional index text, see order.ts. */
export const ORDER = named('order');
/** `true` while a type or field is hidden; null otherwise. */
export const HIDDEN = named('hidden');
/** Name of the icon of a type: text. */
export const ICON = named('icon');
/** The type that a field belongs to: EntityId. */
export const OWNER = named('owner');
/** FieldKind of a field: text. */
export const KIND = named('kind');
/** The type that a link field points to: EntityId. */
export const TARGET = named('target');
/** `true` on a record that came with a template as an example; null otherwise. */
export const SAMPLE = named('sample');
/** The user who owns a client: UserId as text. */
export const USER = named('user');

/** Values of `type` for entities that are not records. */
export const SYSTEM_TYPES = ['type', 'field', 'client', 'user'] as const;
export type SystemType = (typeof SYSTEM_TYPES)[number];

/** One option of a select field: the attribute `option:<option id>` of the field, so that options merge one by one. */
export const OPTION_PREFIX = 'option:';

export function optionAttribute(option: EntityId): AttributeName {
  return `${OPTION_PREFIX}${option}` as AttributeName;
}

/** Value of an option attribute; null removes the option from the list (values that use it stay readable in history). */
export interface OptionValue {
  readonly name: string;
  /** Fractional index text among the options of the field. */
  readonly order: string;
  /** One of the eight option tints of the design. */
  readonly tint: number;
}

export const FIELD_KINDS = [
  'text',
  'longText',
  'number',
  'date',
  'dateTime',
  'checkbox',
  'select',
  'multiSelect',
  'link',
  'email',
  'url',
  'phone',
] as const;
/**
 * What a field holds, and its JSON value: text, longText, email, url, phone: string; number: finite number; date:
 * `2026-11-23`; dateTime: `2026-11-23T09:00:00.000Z`; checkbox: boolean; select: option id; multiSelect: array of option
 * ids; link: EntityId of a record of the field's target type. An empty value is null, whatever the kind.
 */
export type FieldKind = (typeof FIELD_KINDS)[number];
