import { describe, expect, it } from 'vitest';
import type { EntityId } from '../../../core/ids.ts';
import type { Moment } from '../../../core/query.ts';
import { parseTimestamp, type Timestamp } from '../../../core/timestamp.ts';
import { endOf, hasPast, keepMoment, queryAsOf, readMoment, withMoment } from './moment-address.ts';

const PLAIN = Date.UTC(2026, 10, 23, 9);
const exact = parseTimestamp('2026-11-23T09:00:00.000Z-0001-89abcdef01234567') as Timestamp;
const noon: Moment = { at: endOf(PLAIN), reading: 'dated' };
const known: Moment = { at: exact, reading: 'known' };
const id = '01890000-0000-7000-8000-00000000000a' as EntityId;

describe('the moment of an address', () => {
  it.each([
    [noon, '/trash?asOf=2026-11-23T09:00:00.000Z'],
    [known, '/trash?asOf=2026-11-23T09:00:00.000Z-0001-89abcdef01234567&reading=known'],
    [null, '/trash'],
  ])('is written for people to read, and read back (%j)', (moment, address) => {
    expect(withMoment('/trash', moment)).toBe(address);
    expect(readMoment(address.split('?')[1] ?? '')).toEqual(moment);
  });

  it('counts all that was written in the millisecond a person chose', () => {
    expect(exact < endOf(PLAIN)).toBe(true);
    expect(endOf(PLAIN) < endOf(PLAIN + 1)).toBe(true);
  });

  it.each(['', 'asOf=', 'asOf=yesterday', 'asOf=2026-11-23', 'asOf=2026-02-31T09:00:00.000Z', 'asOf=-000001-01-01'])(
    'is now when %j cannot be read',
    (query) => expect(readMoment(query)).toBeNull(),
  );

  it('takes the place of another, and leaves the rest as it was', () => {
    expect(withMoment('/search?q=a%26b&asOf=2020-01-01T00:00:00.000Z&reading=known#x', noon)).toBe(
      '/search?q=a%26b&asOf=2026-11-23T09:00:00.000Z#x',
    );
    expect(withMoment('/search?asOf=2020-01-01T00:00:00.000Z&q=a', null)).toBe('/search?q=a');
  });
});

describe('a link, for somebody in the past', () => {
  it.each([
    '/',
    `/t/${id}`,
    `/t/${id}?q=roof`,
    `/t/${id}/r/${id}`,
    '/search',
    '/search?q=a',
    '/trash',
    '/compare',
    '/more',
  ])('to %s stays there', (address) => {
    expect(hasPast(address)).toBe(true);
    expect(readMoment(keepMoment(address, noon).split('?')[1] ?? '')).toEqual(noon);
  });

  it.each(['/settings', '/activity', '/review', '/import', '/new-type', '/join#code', `/t/${id}/fields`])(
    'to %s leads to now',
    (address) => expect(keepMoment(address, noon)).toBe(address),
  );

  it('to a moment leads to that one', () => {
    const other = withMoment('/trash', known);
    expect(keepMoment(other, noon)).toBe(other);
  });

  it('is a plain one for everybody else', () => expect(keepMoment('/trash', null)).toBe('/trash'));
});

describe('a question', () => {
  it('is asked as of the moment where things were different then', () => {
    expect(queryAsOf({ kind: 'record', id }, noon)).toEqual({ kind: 'record', id, asOf: noon });
    expect(queryAsOf({ kind: 'record', id, asOf: known }, noon)).toEqual({ kind: 'record', id, asOf: known });
    expect(queryAsOf({ kind: 'people' }, noon)).toEqual({ kind: 'people' });
    expect(queryAsOf({ kind: 'record', id }, null)).toEqual({ kind: 'record', id });
  });
});
