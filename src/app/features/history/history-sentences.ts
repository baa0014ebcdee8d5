/** Changes as sentences: pure, so that every case can be read and tested. */
import { OPTION_PREFIX, TYPE } from '../../../core/attribute.ts';
import type { Change } from '../../../core/query.ts';
import type { JsonValue } from '../../../core/value.ts';
import { valueText } from '../record/value-text.ts';
import type { Zone } from './when.ts';

/** A part of a sentence, by how it is set: `old` is struck through, `field` and `title` stand out. */
export interface Segment {
  readonly kind: 'text' | 'field' | 'title' | 'old' | 'new';
  readonly text: string;
}
export type Sentence = readonly Segment[];

/** Changes of one transaction, in the order in which they were written. */
export interface Group {
  readonly timestamp: Change['timestamp'];
  readonly clientId: Change['clientId'];
  readonly changes: readonly Change[];
}

/** Puts neighbours of one transaction together. */
export function groupChanges(changes: readonly Change[]): readonly Group[] {
  const groups: { timestamp: Change['timestamp']; clientId: Change['clientId']; changes: Change[] }[] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    if (last?.timestamp === change.timestamp && last.clientId === change.clientId) last.changes.push(change);
    else groups.push({ timestamp: change.timestamp, clientId: change.clientId, changes: [change] });
  }
  // Event ids count up inside a transaction: as it was written.
  for (const group of groups) group.changes.sort((a, b) => (a.eventId < b.eventId ? -1 : 1));
  return groups;
}

export interface ToldGroup {
  readonly group: Group;
  /** What was done, in one sentence. */
  readonly head: Sentence;
  /** The change that `head` tells, when it is the only one. */
  readonly alone: Change | null;
  /** Of several changes, each in a sentence. */
  readonly rest: readonly { readonly change: Change; readonly sentence: Sentence }[];
}

/** What was done to a record in one go, told in one go. Null when none of it is worth a sentence. */
export function tellGroup(group: Group, zone: Zone = {}): ToldGroup | null {
  const told = group.changes.flatMap((change) => {
    const sentence = tellChange(change, null, zone);
    return sentence === null ? [] : [{ change, sentence }];
  });
  const [first, second] = told;
  if (first === undefined) return null;
  if (second === undefined) return { group, head: first.sentence, alone: first.change, rest: [] };
  const made = told.find(({ change }) => change.attribute === TYPE && change.before === null);
  if (made === undefined) return { group, head: [text(`changed ${told.length} fields`)], alone: null, rest: told };
  // What a new record starts with anyway goes without saying.
  const rest = told.filter((each) => each !== made && each.change.value !== null && each.change.value !== false);
  return { group, head: made.sentence, alone: null, rest };
}

/** Longest value that a sentence quotes, in characters. */
const QUOTE = 160;

const text = (words: string): Segment => ({ kind: 'text', text: words });

/**
 * What a change did, without who and when: "changed **Status** from ~~Open~~ to Done". Null for what goes without saying
 * beside the rest of its transaction (the kind of a new field, the mark on a sample).
 * @param title name of the entity where it is not clear from the place; null on the entity's own page
 */
export function tellChange(change: Change, title: string | null, zone: Zone = {}): Sentence | null {
  return change.fieldKind !== null || change.fieldName !== null
    ? tellField(change, title, zone)
    : tellSystem(change, title);
}

function tellField(change: Change, title: string | null, zone: Zone): Sentence {
  const field: Segment = { kind: 'field', text: change.fieldName ?? 'a field' };
  const of: readonly Segment[] = title === null ? [] : [text(' of '), { kind: 'title', text: title }];
  if (change.fieldKind === 'checkbox' && isYesNo(change.value) && isYesNo(change.before)) {
    if (change.before === null && change.value === false) return [text('left '), field, ...of, text(' unticked')];
    return [text(change.value === true ? 'ticked ' : 'unticked '), field, ...of];
  }
  const [before, after] = quotes(change, zone);
  if (change.value === null) {
    return change.before === null
      ? [text('left '), field, ...of, text(' empty')]
      : [text('cleared '), field, ...of, text(', which was '), { kind: 'old', text: before }];
  }
  if (change.before === null) return [text('set '), field, ...of, text(' to '), { kind: 'new', text: after }];
  if (change.fieldKind === 'multiSelect') {
    const difference = tellChoices(change, field, of);
    if (difference !== null) return difference;
  }
  if (before === after) return [text('set '), field, ...of, text(' to '), { kind: 'new', text: after }, text(' again')];
  return [
    text('changed '),
    field,
    ...of,
    text(' from '),
    { kind: 'old', text: before },
    text(' to '),
    { kind: 'new', text: after },
  ];
}

const isYesNo = (value: JsonValue): boolean => value === null || typeof value === 'boolean';

/** What came to a list of options and what went. */
function tellChoices(change: Change, field: Segment, of: readonly Segment[]): Sentence | null {
  const { value, before } = change;
  if (!isList(value) || !isList(before)) return null;
  const name = (id: JsonValue) => valueText('select', id, (key) => change.words[key]);
  const came = value.filter((id) => !before.includes(id)).map(name);
  const went = before.filter((id) => !value.includes(id)).map(name);
  if (came.length === 0 && went.length === 0) return null;
  const added: Sentence = [text('added '), { kind: 'new', text: came.join(', ') }, text(' to '), field, ...of];
  if (went.length === 0) return added;
  const removed: Segment = { kind: 'old', text: went.join(', ') };
  return came.length === 0
    ? [text('took '), removed, text(' off '), field, ...of]
    : [...added, text(' and took off '), removed];
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

/** Both values, cut to what differs when they are long. */
function quotes(change: Change, zone: Zone): readonly [string, string] {
  const say = (value: JsonValue) => valueText(change.fieldKind, value, (id) => change.words[id], zone);
  const [before, after] = [say(change.before), say(change.value)];
  if (before.length <= QUOTE && after.length <= QUOTE) return [before, after];
  let same = 0;
  while (same < before.length && before[same] === after[same]) same += 1;
  // A few words before the difference, and no half of a character.
  const from = same < 60 ? 0 : before.lastIndexOf(' ', same - 30) + 1;
  const cut = (whole: string) => {
    const part = whole.slice(from, from + QUOTE).toWellFormed();
    return `${from > 0 ? '…' : ''}${part}${from + QUOTE < whole.length ? '…' : ''}`;
  };
  return [cut(before), cut(after)];
}

function tellSystem(change: Change, title: string | null): Sentence | null {
  const it: Segment = title === null ? text('it') : { kind: 'title', text: title };
  const attribute: string = change.attribute;
  const named = typeof change.value === 'string' ? change.value : '';
  if (attribute.startsWith(OPTION_PREFIX)) return tellOption(change, it);
  switch (attribute) {
    case 'type':
      return change.before === null
        ? [text('made '), title === null ? text('this record') : it]
        : [text('changed the type of '), it];
    case 'deleted':
      return change.value === true
        ? [text('moved '), it, text(' to the Trash')]
        : change.before === null
          ? null
          : [text('took '), it, text(' back from the Trash')];
    case 'name':
      return typeof change.before === 'string'
        ? [text('renamed '), { kind: 'old', text: change.before }, text(' to '), { kind: 'new', text: named }]
        : [text('named '), title === named ? text('it') : it, text(' '), { kind: 'new', text: named }];
    case 'order':
      return change.before === null ? null : [text('moved '), it, text(' to another place')];
    case 'hidden':
      return change.value === true
        ? [text('hid '), it]
        : change.before === null
          ? null
          : [text('showed '), it, text(' again')];
    case 'icon':
      return change.before === null ? null : [text('changed the icon of '), it];
    case 'sample':
      return change.value === null && change.before !== null ? [text('kept the sample '), it] : null;
    case 'owner':
    case 'kind':
    case 'target':
    case 'user':
      return change.before === null ? null : [text(`changed the ${attribute} of `), it];
    default:
      return [text('changed '), { kind: 'field', text: 'a field that is not known here' }, text(' of '), it];
  }
}

function tellOption(change: Change, it: Segment): Sentence | null {
  const name = (value: JsonValue) =>
    value !== null && typeof value === 'object' && 'name' in value && typeof value.name === 'string'
      ? value.name
      : null;
  const [before, after] = [name(change.before), name(change.value)];
  if (after === null)
    return before === null ? null : [text('removed the option '), { kind: 'old', text: before }, text(' of '), it];
  if (before === null) return [text('added the option '), { kind: 'new', text: after }, text(' to '), it];
  return before === after
    ? [text('changed the look of the option '), { kind: 'field', text: after }, text(' of '), it]
    : [text('renamed the option '), { kind: 'old', text: before }, text(' to '), { kind: 'new', text: after }];
}

/** A transaction of the whole book in one sentence. `entities` counts all; `changes` are the first few. */
export function tellTransaction(
  transaction: { readonly entities: number; readonly changes: readonly (Change & { readonly title: string })[] },
  zone: Zone = {},
): Sentence {
  const { changes, entities } = transaction;
  const made = changes.find((change) => change.attribute === 'type' && change.before === null);
  const first = made ?? changes[0];
  if (first === undefined) return [text('changed something')];
  const title: Segment = { kind: 'title', text: first.title };
  const more = entities > 1 ? ` and ${(entities - 1).toLocaleString('en')} more` : '';
  if (made !== undefined) return [text(madeWords(made.value)), title, text(more)];
  if (entities === 1) {
    for (const change of changes) {
      const told = tellChange(change, change.title, zone);
      if (told !== null) return told;
    }
    return [text('changed '), title];
  }
  if (first.attribute === 'deleted') {
    return first.value === true
      ? [text('moved '), title, text(`${more} to the Trash`)]
      : [text('took '), title, text(`${more} back from the Trash`)];
  }
  return [text('changed '), title, text(more)];
}

/** The verb for a new entity, by its type: a system type's name, or the id of a type of records. */
function madeWords(type: JsonValue): string {
  if (type === 'type') return 'made the type ';
  if (type === 'field') return 'added the field ';
  return type === 'client' ? 'named the device ' : type === 'user' ? 'named the person ' : 'made ';
}

/** A sentence as plain text, for those who listen and for tests. */
export const plainText = (sentence: Sentence): string => sentence.map((segment) => segment.text).join('');
