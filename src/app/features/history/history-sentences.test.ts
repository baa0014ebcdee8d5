import { describe, expect, it } from 'vitest';
import type { Change } from '../../../core/query.ts';
import { authorOf } from './authors.ts';
import { groupChanges, plainText, type Sentence, tellChange, tellGroup, tellTransaction } from './history-sentences.ts';

const zone = { locale: 'en-GB', timeZone: 'UTC' };
const words = { o1: 'Open', o2: 'Done', o3: 'Late', r1: 'Ada' };

function change(parts: Partial<Change>): Change {
  return {
    eventId: 'e' as Change['eventId'],
    entityId: 'n' as Change['entityId'],
    attribute: 'f1' as Change['attribute'],
    fieldName: null,
    fieldKind: null,
    value: null,
    before: null,
    words,
    timestamp: '1' as Change['timestamp'],
    clientId: 'c' as Change['clientId'],
    waiting: false,
    refused: false,
    current: true,
    ...parts,
  };
}

const marked = (sentence: Sentence | null) =>
  sentence
    ?.map(({ kind, text }) => ({ text, field: `*${text}*`, title: `_${text}_`, old: `~${text}~`, new: text })[kind])
    .join('') ?? null;

describe('a change of a field', () => {
  const status = { fieldName: 'Status', fieldKind: 'select' } as const;
  const tags = { fieldName: 'Tags', fieldKind: 'multiSelect' } as const;
  it.each<[string, Partial<Change>]>([
    ['changed *Status* from ~Open~ to Done', { ...status, before: 'o1', value: 'o2' }],
    ['set *Status* to Done', { ...status, value: 'o2' }],
    ['cleared *Status*, which was ~Open~', { ...status, before: 'o1' }],
    ['left *Status* empty', { ...status }],
    ['set *Status* to Open again', { ...status, before: 'o1', value: 'o1' }],
    ['ticked *Paid*', { fieldName: 'Paid', fieldKind: 'checkbox', value: true }],
    ['left *Paid* unticked', { fieldName: 'Paid', fieldKind: 'checkbox', value: false }],
    ['unticked *Paid*', { fieldName: 'Paid', fieldKind: 'checkbox', before: true, value: false }],
    ['unticked *Paid*', { fieldName: 'Paid', fieldKind: 'checkbox', before: true }],
    ['added Late to *Tags*', { ...tags, before: ['o1'], value: ['o1', 'o3'] }],
    ['took ~Open~ off *Tags*', { ...tags, before: ['o1', 'o3'], value: ['o3'] }],
    ['added Late to *Tags* and took off ~Open~', { ...tags, before: ['o1'], value: ['o3'] }],
    [
      'changed *Due* from ~23 Nov 2026~ to 24 Nov 2026',
      { fieldName: 'Due', fieldKind: 'date', before: '2026-11-23', value: '2026-11-24' },
    ],
    ['changed *Price* from ~1,000~ to 12.5', { fieldName: 'Price', fieldKind: 'number', before: 1000, value: 12.5 }],
    ['set *Owner* to Ada', { fieldName: 'Owner', fieldKind: 'link', value: 'r1' }],
  ])('%s', (sentence, parts) => {
    expect(marked(tellChange(change(parts), null, zone))).toBe(sentence);
  });

  it('names the record where the place does not', () => {
    expect(marked(tellChange(change({ ...status, before: 'o1', value: 'o2' }), 'Roof', zone))).toBe(
      'changed *Status* of _Roof_ from ~Open~ to Done',
    );
  });

  it('quotes of long texts what differs', () => {
    const start = 'word '.repeat(100);
    const told = plainText(
      tellChange(
        change({ fieldName: 'Notes', fieldKind: 'longText', before: `${start}old end`, value: `${start}new end` }),
        null,
      )!,
    );
    expect(told).toContain('old end');
    expect(told).toContain('new end');
    expect(told.length).toBeLessThan(200);
  });
});

describe('a change of what belongs to the system', () => {
  it.each<[string | null, string, Partial<Change>]>([
    ['made this record', 'type', { value: 't' }],
    ['moved it to the Trash', 'deleted', { value: true }],
    ['took it back from the Trash', 'deleted', { before: true }],
    ['renamed ~Phone~ to Telephone', 'name', { before: 'Phone', value: 'Telephone' }],
    [null, 'order', { value: 'a0' }],
    ['moved it to another place', 'order', { before: 'a0', value: 'a1' }],
    ['hid it', 'hidden', { value: true }],
    [null, 'sample', { value: true }],
    ['added the option Late to it', 'option:o3', { value: { name: 'Late', order: 'a', tint: 1 } }],
    [
      'renamed the option ~Late~ to Overdue',
      'option:o3',
      { before: { name: 'Late', order: 'a', tint: 1 }, value: { name: 'Overdue', order: 'a', tint: 1 } },
    ],
    ['removed the option ~Late~ of it', 'option:o3', { before: { name: 'Late', order: 'a', tint: 1 } }],
  ])('%s', (sentence, attribute, parts) => {
    expect(marked(tellChange(change({ ...parts, attribute: attribute as Change['attribute'] }), null))).toBe(sentence);
  });
});

describe('a transaction', () => {
  const of = (entities: number, ...changes: (Partial<Change> & { title: string })[]) => ({
    entities,
    changes: changes.map(({ title, ...parts }) => ({ ...change(parts), title })),
  });
  const attribute = (name: string) => ({ attribute: name as Change['attribute'] });

  it.each([
    ['made _Oslo_ and 3,375 more', of(3376, { title: 'Oslo', ...attribute('type'), value: 't' })],
    ['made the type _Sites_ and 24 more', of(25, { title: 'Sites', ...attribute('type'), value: 'type' })],
    ['added the field _Age_', of(1, { title: 'Age', ...attribute('type'), value: 'field' })],
    [
      'made _Oslo_',
      of(1, { title: 'Oslo', fieldName: 'City', value: 'Oslo' }, { title: 'Oslo', ...attribute('type'), value: 't' }),
    ],
    ['moved _Oslo_ and 1 more to the Trash', of(2, { title: 'Oslo', ...attribute('deleted'), value: true })],
    ['took _Oslo_ and 1 more back from the Trash', of(2, { title: 'Oslo', ...attribute('deleted'), before: true })],
    ['changed _Oslo_ and 9 more', of(10, { title: 'Oslo', fieldName: 'City', value: 'x' })],
    ['set *City* of _Oslo_ to x', of(1, { title: 'Oslo', fieldName: 'City', value: 'x' })],
  ])('%s', (sentence, transaction) => {
    expect(marked(tellTransaction(transaction, zone))).toBe(sentence);
  });
});

describe('what was done in one go', () => {
  const field = (name: string, value: Change['value'], id: string) =>
    change({ fieldName: name, fieldKind: 'text', value, eventId: id as Change['eventId'] });
  const tell = (...changes: Change[]) => {
    const told = tellGroup(groupChanges(changes)[0]!, zone);
    return told === null ? null : [marked(told.head), ...told.rest.map(({ sentence }) => marked(sentence))];
  };
  const type = change({ attribute: 'type' as Change['attribute'], value: 't', eventId: 'e0' as Change['eventId'] });
  const order = change({ attribute: 'order' as Change['attribute'], value: 'a0', eventId: 'e9' as Change['eventId'] });

  it('a new record is one sentence and what it was given, in the order in which it was written', () => {
    expect(tell(field('Age', '7', 'e2'), field('Name', 'Ada', 'e1'), field('Note', null, 'e3'), type, order)).toEqual([
      'made this record',
      'set *Name* to Ada',
      'set *Age* to 7',
    ]);
  });

  it('several fields are counted and told below, one is told at once', () => {
    expect(tell(field('Age', '7', 'e2'), field('Name', 'Ada', 'e1'))).toEqual([
      'changed 2 fields',
      'set *Name* to Ada',
      'set *Age* to 7',
    ]);
    expect(tell(field('Name', 'Ada', 'e1'))).toEqual(['set *Name* to Ada']);
    expect(tell(order)).toBeNull();
  });
});

it('puts the changes of one transaction together, and no others', () => {
  const at = (timestamp: string, clientId: string) =>
    change({ timestamp: timestamp as Change['timestamp'], clientId: clientId as Change['clientId'] });
  const groups = groupChanges([at('3', 'a'), at('3', 'a'), at('2', 'a'), at('2', 'b'), at('1', 'a')]);
  expect(groups.map((group) => group.changes.length)).toEqual([2, 1, 1, 1]);
});

describe('the author of a change', () => {
  const people = {
    self: 'c1',
    clients: [
      { id: 'c1', name: 'Laptop', user: 'u1' },
      { id: 'c2', name: 'Phone', user: 'u1' },
      { id: 'c3', name: 'Tablet', user: 'u2' },
    ],
    users: [
      { id: 'u1', name: 'Grace' },
      { id: 'u2', name: 'Ada' },
    ],
  } as unknown as Parameters<typeof authorOf>[0];
  const id = (text: string) => text as Parameters<typeof authorOf>[1];

  it.each([
    ['c1', 'You', 'Laptop'],
    ['c2', 'You', 'Phone'],
    ['c3', 'Ada', 'Tablet'],
    ['c9', 'Somebody', 'another device'],
  ])('%s is %s on %s', (client, who, device) => {
    expect(authorOf(people, id(client))).toMatchObject({ who, device });
  });
});
