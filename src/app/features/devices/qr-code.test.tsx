import { renderToStaticMarkup } from 'react-dom/server';
import { encode } from 'uqr';
import { describe, expect, it } from 'vitest';
import { joinAddress } from './join-address.ts';
import { QrCode } from './qr-code.tsx';

/** The modules that a rendered code has dark, row by row, its light margin left out. */
function drawn(text: string): readonly string[] {
  const markup = renderToStaticMarkup(<QrCode text={text} label="Code" />);
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(markup)?.[1]) - 6;
  const dark = new Set(
    [...markup.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${Number(x) - 3} ${Number(y) - 3}`),
  );
  return Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (_, x) => (dark.has(`${x} ${y}`) ? '#' : '.')).join(''),
  );
}

/** The same of a text, as the encoder makes it. */
const encoded = (text: string): readonly string[] =>
  encode(text, { ecc: 'M', border: 0 }).data.map((row) => row.map((dark) => (dark ? '#' : '.')).join(''));

describe('QrCode', () => {
  it.each([true, false])('shows the address to join by and nothing else (for a person: %s)', (forPerson) => {
    const address = joinAddress('https://book.example', { code: 'K7QM-3XPA', forPerson });
    expect(drawn(address)).toEqual(encoded(`https://book.example/join#${forPerson ? 'person:' : ''}K7QM-3XPA`));
    expect(drawn(address)).not.toEqual(encoded('https://book.example/join#K7QM-3XPB'));
  });
});
