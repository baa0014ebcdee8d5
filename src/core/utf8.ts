/** Text as UTF-8, exactly: neither a byte order mark nor a damaged byte goes missing on the way. */
import { strFromU8, strToU8 } from 'fflate';
import { DecodeFailure } from './bytes.ts';

/** The UTF-8 bytes of well-formed text. */
export const encodeText = (text: string): Uint8Array => strToU8(text);

/** The text of UTF-8 bytes. Throws DecodeFailure when they are not UTF-8. */
export function decodeText(bytes: Uint8Array, where: string): string {
  // The platform's decoder drops one leading byte order mark, which is a character like any other to us.
  let marks = 0;
  while (bytes[marks * 3] === 0xef && bytes[marks * 3 + 1] === 0xbb && bytes[marks * 3 + 2] === 0xbf) marks++;
  const text = '\ufeff'.repeat(marks) + strFromU8(bytes.subarray(marks * 3));
  // It also puts this character where it understands nothing; so where there is one, the way back is tried.
  if (text.includes('\ufffd') && !sameBytes(strToU8(text), bytes))
    throw new DecodeFailure('damaged', where, 'not UTF-8');
  return text;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
