/** Base64 (RFC 4648, section 4, padded): the library of the language alone has none yet. */
import { err, ok, type Result } from './result.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const DIGITS = new Uint8Array(128).fill(255);
for (let i = 0; i < 64; i++) DIGITS[ALPHABET.charCodeAt(i)] = i;
const PADDING = '='.charCodeAt(0);

/** Base64 text of `bytes`. */
export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  const whole = bytes.length - (bytes.length % 3);
  let text = '';
  for (let i = 0; i < whole; i += 3) {
    const bits = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    text += ALPHABET[bits >> 18]! + ALPHABET[(bits >> 12) & 63]! + ALPHABET[(bits >> 6) & 63]! + ALPHABET[bits & 63]!;
    if (text.length >= 8_192) {
      parts.push(text);
      text = '';
    }
  }
  if (bytes.length - whole === 1) {
    text += `${ALPHABET[bytes[whole]! >> 2]}${ALPHABET[(bytes[whole]! & 3) << 4]}==`;
  } else if (bytes.length - whole === 2) {
    const bits = (bytes[whole]! << 8) | bytes[whole + 1]!;
    text += `${ALPHABET[bits >> 10]}${ALPHABET[(bits >> 4) & 63]}${ALPHABET[(bits & 15) << 2]}=`;
  }
  parts.push(text);
  return parts.join('');
}

/** The bytes of a base64 text. Strict: one text for the same bytes; the error says in plain words what is wrong. */
export function fromBase64(text: string): Result<Uint8Array<ArrayBuffer>, string> {
  if (text.length % 4 !== 0) return err('not in groups of four characters, as base64 is');
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let wrong = 0;
  let at = 0;
  for (let i = 0; i < text.length; i += 4) {
    const last = i + 4 === text.length;
    let bits = 0;
    for (let j = 0; j < 4; j++) {
      const code = text.charCodeAt(i + j);
      const digit = last && j >= 4 - padding && code === PADDING ? 0 : (DIGITS[code] ?? 255);
      wrong |= digit >> 6;
      bits = (bits << 6) | digit;
    }
    bytes[at++] = (bits >> 16) & 0xff;
    if (!last || padding < 2) bytes[at++] = (bits >> 8) & 0xff;
    else wrong |= bits & 0xffff;
    if (!last || padding < 1) bytes[at++] = bits & 0xff;
    else wrong |= bits & 0xff;
  }
  return wrong ? err('not base64') : ok(bytes);
}
