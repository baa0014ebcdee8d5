import { describe, expect, it } from 'vitest';
import { ATTENTION_KINDS, type HeldThing, type RefusedThing, type ThingId } from '../../../core/attention.ts';
import type { BundleId, ClientId, EntityId, UserId } from '../../../core/ids.ts';
import type { PeopleAnswer } from '../../../core/query.ts';
import { GROUPS, retriedWords, thingWords } from './thing-words.ts';

const NOW = Date.UTC(2026, 10, 23, 9);
const [self, phone] = ['self', 'phone'] as ClientId[] as [ClientId, ClientId];
const people: PeopleAnswer = {
  self,
  clients: [
    { id: self, name: 'Desk', user: 'ada' as UserId },
    { id: phone, name: 'Phone', user: 'ben' as UserId },
  ],
  users: [{ id: 'ben' as UserId, name: 'Ben' }],
};
const type = 'tasks' as EntityId;

const refused: RefusedThing = {
  kind: 'refused',
  id: 'one' as ThingId,
  bundleId: 'one' as BundleId,
  reason: 'Too large.',
  bytes: 2_000,
  contents: {
    changes: 4,
    records: [
      {
        entityId: 'a' as EntityId,
        title: 'Pay the\nrent',
        type,
        fields: [
          { attribute: 'type', name: null },
          { attribute: 'title', name: 'Title' },
        ],
      },
      { entityId: 'b' as EntityId, title: '', type, fields: [{ attribute: 'deleted', name: null }] },
      { entityId: 'c' as EntityId, title: '', type: null, fields: [{ attribute: 'name', name: null }] },
    ],
    more: 1200,
  },
  discardedAt: null,
  refusedAt: NOW - 120_000,
  madeAt: NOW - 300_000,
};

const held: HeldThing = {
  kind: 'unreadable',
  id: '1 2' as ThingId,
  bundleId: null,
  reason: 'not a bundle',
  bytes: 12,
  contents: null,
  discardedAt: null,
  arrivedAt: NOW - 60_000,
  due: null,
  sender: { clientId: phone, userId: null },
};

describe('[ATTENTION-1] a thing in words', () => {
  it('says of what was refused which records and fields it changes, and what the server said', () => {
    expect(thingWords(refused, people, NOW)).toEqual({
      title: '4 changes',
      contents: [
        'Pay the rent: Type, Title',
        'Untitled: In the Trash',
        'Something that is not here: Name',
        'and 1,200 more',
      ],
      facts: ['made 5 min ago', 'refused 2 min ago'],
      reason: 'The server says: Too large.',
    });
  });

  it('says of what came who sent it, when, and what is wrong with it', () => {
    expect(thingWords(held, people, NOW)).toEqual({
      title: '12 bytes that cannot be read',
      contents: [],
      facts: ['from Ben on Phone', 'came 1 min ago'],
      reason: 'What is wrong: not a bundle',
    });
    const strange = thingWords({ ...held, sender: null, arrivedAt: null }, people, NOW);
    expect(strange.facts).toEqual(['from an unknown device', 'came before the last update']);
    const from = (client: string, userId: string | null) =>
      thingWords({ ...held, sender: { clientId: client as ClientId, userId: userId as UserId | null } }, people, NOW)
        .facts[0];
    expect(from(self, null)).toBe('from this device');
    expect(from('tablet', 'ada')).toBe('from you on another device');
    expect(from('tablet', 'ben')).toBe('from Ben on another device');
    expect(from('tablet', 'eve')).toBe('from somebody on another device');
  });

  it('says when something of the future is applied, and when a thing was discarded', () => {
    const future = { ...held, kind: 'future', due: NOW + 86_400_000 } as const;
    expect(thingWords(future, people, NOW).facts[2]).toMatch(/^applied .*2026/);
    expect(thingWords({ ...future, discardedAt: NOW }, people, NOW).facts.slice(2)).toEqual(['discarded just now']);
  });
});

it('[ATTENTION-3] says of each kind what is lost when it is discarded', () => {
  for (const kind of ATTENTION_KINDS) expect(GROUPS[kind].discarding).toMatch(/lost|this device|missing/i);
  expect(GROUPS.refused.discarding).toContain('No other device will ever get them');
});

it.each([
  ['refused', 2, 0, true, 'On the way to the server again.'],
  ['refused', 2, 0, false, 'Sent when this device syncs again.'],
  ['newer', 1, 0, true, 'Applied.'],
  ['newer', 1200, 0, true, 'All 1,200 were applied.'],
  ['newer', 0, 1, true, 'It still cannot be applied.'],
  ['newer', 0, 2, true, 'None of them can be applied yet.'],
  ['newer', 1, 2, true, '1 applied; 2 still cannot be.'],
  ['newer', 0, 0, true, 'Nothing was left to try.'],
] as const)(
  '[ATTENTION-2] trying %s again: %i settled and %i left reads well',
  (kind, settled, left, linked, words) => {
    expect(retriedWords(kind, { settled, left }, linked)).toBe(words);
  },
);
