import { expect, it } from 'vitest';
import { ContactNote } from './contact-note.ts';

it('[SYNC-7] keeps when each server last answered, at most once a minute, also by a clock that was set back', () => {
  const written: [string, number][] = [];
  const contact = new ContactNote((serverUrl, at) => {
    written.push([serverUrl, at]);
    return Promise.reject(new Error('full'));
  });
  const note = (serverUrl: string | null, lastContactAt: number | null) => contact.note({ serverUrl, lastContactAt });
  note(null, 1_000);
  note('https://a.example', null);
  note('https://a.example', 100_000);
  note('https://a.example', 159_999);
  note('https://a.example', 160_000);
  note('https://b.example', 160_001);
  note('https://b.example', 5_000);
  expect(written).toEqual([
    ['https://a.example', 100_000],
    ['https://a.example', 160_000],
    ['https://b.example', 160_001],
    ['https://b.example', 5_000],
  ]);
});
