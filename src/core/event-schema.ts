/**
 * Which values the system attributes take. A gate for local and remote events alike: every client reads these values to know
 * what there is. Names that this version does not know are a newer one's, and fields are data: of both, any value is taken.
 */
import { OPTION_PREFIX, SYSTEM_TYPES, type SystemAttribute } from './attribute.ts';
import type { AttributeName } from './event.ts';
import { isUuid } from './ids.ts';
import { fromJsonText, NULL_TEXT, type JsonText } from './value.ts';

/** Most characters (UTF-16 units) of JSON text: many times what a name or a sort key comes to. */
export const MAX_FACT_LENGTH = 10_000;
const UUID_LENGTH = 36;

interface Shape {
  /** Follows "not". */
  readonly words: string;
  /** @param text canonical JSON text, other than null */
  readonly takes: (text: JsonText) => boolean;
}

const FLAG: Shape = { words: 'true or false', takes: (text) => text === 'true' || text === 'false' };
const TEXT: Shape = {
  words: `text of at most ${MAX_FACT_LENGTH.toLocaleString('en')} characters`,
  takes: (text) => text.startsWith('"') && text.length <= MAX_FACT_LENGTH,
};
const ID: Shape = { words: 'a UUID', takes: isId };
const SYSTEM_TYPE_TEXTS: ReadonlySet<string> = new Set(SYSTEM_TYPES.map((type) => JSON.stringify(type)));

const SHAPES: { readonly [attribute in SystemAttribute]: Shape } = {
  type: {
    words: 'a system type or a UUID',
    takes: (text) => SYSTEM_TYPE_TEXTS.has(text) || isId(text),
  },
  deleted: FLAG,
  name: TEXT,
  order: TEXT,
  hidden: FLAG,
  icon: TEXT,
  owner: ID,
  // One that a later version brings is welcome: its fields wait, unseen, for this one to be brought up to date.
  kind: TEXT,
  target: ID,
  sample: FLAG,
  user: ID,
};
const OPTION: Shape = { words: 'an option with a name, an order and a tint', takes: isOption };

/** By names that came from anywhere, `constructor` among them. */
const BY_NAME: ReadonlyMap<string, Shape> = new Map(Object.entries(SHAPES));

/**
 * Why an attribute does not take a value, in plain words; null when it does. Null clears every attribute.
 * @param value canonical
 */
export function misfit(attribute: AttributeName, value: JsonText): string | null {
  // Most events are of fields: one look tells them, for no system attribute has a name as long as an id.
  if (attribute.length === UUID_LENGTH || value === NULL_TEXT) return null;
  const shape = isOptionName(attribute) ? OPTION : BY_NAME.get(attribute);
  return shape === undefined || shape.takes(value) ? null : `${attribute} is not ${shape.words}`;
}

const isOptionName = (attribute: string): boolean =>
  attribute.length === OPTION_PREFIX.length + UUID_LENGTH &&
  attribute.startsWith(OPTION_PREFIX) &&
  isUuid(attribute.slice(OPTION_PREFIX.length));

function isId(text: JsonText): boolean {
  return text.length === UUID_LENGTH + 2 && text.startsWith('"') && isUuid(text.slice(1, -1));
}

/** What a later version adds to an option is kept. */
function isOption(text: JsonText): boolean {
  if (!text.startsWith('{') || text.length > MAX_FACT_LENGTH) return false;
  const { name, order, tint } = fromJsonText(text) as { readonly [key: string]: unknown };
  return typeof name === 'string' && typeof order === 'string' && Number.isInteger(tint);
}
