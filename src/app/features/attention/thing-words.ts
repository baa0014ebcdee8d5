/** What needs attention, in words for somebody who has never heard of bundles. */
import type { AttentionKind, HeldThing, RefusedThing, Retried, Thing, ThingContents } from '../../../core/attention.ts';
import type { PeopleAnswer } from '../../../core/query.ts';
import { attributeWords } from '../history/attribute-words.ts';
import { agoWords, momentHeading, whenWords } from '../history/when.ts';
import { titleOr } from '../record/title.ts';
import { sizeWords } from '../settings/storage-words.ts';
import { changes } from '../status/status-words.ts';

type Sender = NonNullable<HeldThing['sender']>;

export interface GroupWords {
  readonly title: string;
  /** What it means, and what becomes of it. */
  readonly lead: string;
  /** What is lost when they are discarded. */
  readonly discarding: string;
}

export const GROUPS: { readonly [kind in AttentionKind]: GroupWords } = {
  refused: {
    title: 'Refused by the server',
    lead: 'The server does not take these changes as they are. They are safe on this device; no other device has them. What you changed since does not wait for them.',
    discarding:
      'The changes stay on this device, in its records and their history. No other device will ever get them, and they are not sent again.',
  },
  future: {
    title: 'Dated in the future',
    lead: 'The clock of the device that sent them is ahead. Each is applied by itself when its time has come.',
    discarding:
      'This device will not apply them when their time has come. Other devices may, so that the book reads otherwise there. They stay on the server.',
  },
  malformed: {
    title: 'Changes that this version does not understand',
    lead: 'They came from another device in a form that is not known here. They are tried again by themselves after each start, since an update may know better.',
    discarding:
      'This device will not try them again, not even after an update. Devices that understand them have what they say, and this one does not. They stay on the server.',
  },
  unreadable: {
    title: 'Cannot be read',
    lead: 'They came with the book and are damaged, or not from Daybook at all. They are tried again by themselves after each start.',
    discarding:
      'This device will not try to read them again, not even after an update. Whatever they hold will be missing here. They stay on the server.',
  },
  newer: {
    title: 'From a newer version of Daybook',
    lead: 'Another device has been updated. They are applied by themselves once this one is updated too.',
    discarding:
      'This device will not read them, not even after an update. What other devices wrote in them will be missing here. They stay on the server.',
  },
  otherBook: {
    title: 'From another book',
    lead: 'They lie on the server in the place of this book, and belong to another one.',
    discarding: 'Nothing of this book is lost. They stay on the server.',
  },
  unconfirmed: {
    title: 'Not in the history of this book',
    lead: 'They came with the newest state that another device had left on the server, and the history behind it does not have them: the server lost them, or they were never made. No other device shows them. Try again to add them to the book for everyone.',
    discarding: 'This device does not show them any more than others do. They are on no server.',
  },
};

export interface ThingWords {
  /** `3 changes`, or how large it is. */
  readonly title: string;
  /** `Pay the rent: Title, Effort`, one for each of the first few records. */
  readonly contents: readonly string[];
  /** Since when, from whom, until when. */
  readonly facts: readonly string[];
  readonly reason: string;
}

/** @param now Unix milliseconds */
export function thingWords(thing: Thing, people: PeopleAnswer | undefined, now: number): ThingWords {
  const title =
    thing.contents === null
      ? `${sizeWords(thing.bytes)} that ${thing.kind === 'newer' ? 'this version cannot read' : 'cannot be read'}`
      : changes(thing.contents.changes);
  return {
    title,
    contents: contentWords(thing.contents),
    facts: [
      ...(thing.kind === 'refused' ? refusedFacts(thing, now) : heldFacts(thing, people, now)),
      ...(thing.discardedAt === null ? [] : [`discarded ${agoWords(thing.discardedAt, now)}`]),
    ],
    reason: thing.kind === 'refused' ? `The server says: ${thing.reason}` : `What is wrong: ${thing.reason}`,
  };
}

function refusedFacts(thing: RefusedThing, now: number): string[] {
  return [`made ${agoWords(thing.madeAt, now)}`, `refused ${agoWords(thing.refusedAt, now)}`];
}

function heldFacts(
  { sender, arrivedAt, due, discardedAt }: HeldThing,
  people: PeopleAnswer | undefined,
  now: number,
): string[] {
  return [
    sender === null ? 'from an unknown device' : `from ${senderWords(sender, people)}`,
    arrivedAt === null ? 'came before the last update' : `came ${agoWords(arrivedAt, now)}`,
    ...(due === null || discardedAt !== null
      ? []
      : [`applied ${due > now ? momentHeading(due) : whenWords(due, now)}`]),
  ];
}

/** A device that never wrote a change here is not among those that history knows: its bundle still says whose it is. */
function senderWords({ clientId, userId }: Sender, people: PeopleAnswer | undefined): string {
  if (clientId === people?.self) return 'this device';
  const client = people?.clients.find(({ id }) => id === clientId);
  const user = userId ?? client?.user ?? null;
  const self = people?.clients.find(({ id }) => id === people.self);
  const name = people?.users.find(({ id }) => id === user)?.name;
  const person = user !== null && user === self?.user ? 'you' : name || 'somebody';
  return `${person} on ${client?.name || 'another device'}`;
}

function contentWords(contents: ThingContents | null): string[] {
  if (contents === null) return [];
  const told = contents.records.map(({ title, type, fields }) => {
    const names = fields.map(({ attribute, name }) => name ?? attributeWords(attribute)).join(', ');
    // Types, fields and people have names; what has none is not here.
    const what = title === '' && type === null ? 'Something that is not here' : titleOr(title);
    return `${what}: ${names}`;
  });
  if (contents.more === 0) return told;
  return [...told, `and ${contents.more.toLocaleString('en')} more`];
}

/** What came of trying again. */
export function retriedWords(kind: AttentionKind, { settled, left }: Retried, linked: boolean): string {
  if (settled + left === 0) return 'Nothing was left to try.';
  if (kind === 'refused') return linked ? 'On the way to the server again.' : 'Sent when this device syncs again.';
  if (left === 0) return settled === 1 ? 'Applied.' : `All ${settled.toLocaleString('en')} were applied.`;
  if (settled === 0) return left === 1 ? 'It still cannot be applied.' : 'None of them can be applied yet.';
  return `${settled.toLocaleString('en')} applied; ${left.toLocaleString('en')} still cannot be.`;
}
