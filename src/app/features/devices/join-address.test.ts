import { describe, expect, it } from 'vitest';
import { joinAddress, readJoinFragment, readTypedCode } from './join-address.ts';

describe('joinAddress', () => {
  it('puts the code behind the #, where no request carries it', () => {
    const address = new URL(joinAddress('https://book.example', { code: 'K7QM-3XPA', forPerson: false }));
    expect(address.hash).toBe('#K7QM-3XPA');
    expect(address.pathname + address.search).toBe('/join');
  });

  it.each([true, false])('is read back as it was written (for a person: %s)', (forPerson) => {
    const written = { code: 'K7QM-3XPA', forPerson };
    expect(readJoinFragment(new URL(joinAddress('https://book.example', written)).hash)).toEqual(written);
  });

  it('reads a code that was typed, and an address that was pasted', () => {
    expect(readTypedCode(' k7qm 3xpa ')).toEqual({ code: 'k7qm 3xpa', forPerson: false });
    expect(readTypedCode('https://book.example/join#person:K7QM-3XPA')).toEqual({ code: 'K7QM-3XPA', forPerson: true });
  });

  it('answers null where there is no code', () => {
    expect(readJoinFragment('')).toBe(null);
    expect(readJoinFragment('#')).toBe(null);
    expect(readJoinFragment('#%')).toBe(null);
    expect(readJoinFragment(`#${'x'.repeat(101)}`)).toBe(null);
  });
});
