import { describe, expect, it } from 'vitest';
import { decodeFile } from './decode-file.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
const utf8 = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string, little: boolean) => {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let i = 0; i < text.length; i += 1) view.setUint16(i * 2, text.charCodeAt(i), little);
  return new Uint8Array(view.buffer);
};
const decode = (input: Uint8Array) => {
  const decoded = decodeFile(input);
  return decoded.ok ? decoded.value : decoded.error;
};

describe('decodeFile', () => {
  it('reads UTF-8 with and without a byte order mark, and the mark is not part of the text', () => {
    expect(decode(utf8('Zürich,東京'))).toEqual({ text: 'Zürich,東京', encoding: 'utf-8' });
    expect(decode(bytes(0xef, 0xbb, 0xbf, ...utf8('naïve')))).toEqual({ text: 'naïve', encoding: 'utf-8' });
  });

  it('reads UTF-16 by its mark, either way round', () => {
    expect(decode(bytes(0xff, 0xfe, ...utf16('añb,€', true)))).toEqual({ text: 'añb,€', encoding: 'utf-16le' });
    expect(decode(bytes(0xfe, 0xff, ...utf16('añb,€', false)))).toEqual({ text: 'añb,€', encoding: 'utf-16be' });
  });

  it('takes what is not UTF-8 for windows-1252', () => {
    expect(decode(bytes(0x5a, 0xfc, 0x72, 0x69, 0x63, 0x68, 0x2c, 0x80))).toEqual({
      text: 'Zürich,€',
      encoding: 'windows-1252',
    });
  });

  it('brings line ends to one form, and leaves a carriage return in a cell alone', () => {
    expect(decode(utf8('a\r\nb\r\n'))).toMatchObject({ text: 'a\nb\n' });
    expect(decode(utf8('a\rb\r'))).toMatchObject({ text: 'a\nb\n' });
    expect(decode(utf8('a\rx\nb\n'))).toMatchObject({ text: 'a\rx\nb\n' });
  });

  it('says what a file is that is not CSV', () => {
    expect(decode(bytes(0x50, 0x4b, 3, 4, 20, 0))).toContain('workbook');
    expect(decode(utf8('%PDF-1.7'))).toContain('PDF');
    expect(decode(bytes(1, 2, 0, 3))).toBe('This file is not text.');
    expect(decode(bytes())).toEqual({ text: '', encoding: 'utf-8' });
  });
});
