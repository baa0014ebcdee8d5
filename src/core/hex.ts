/** Two lowercase hexadecimal digits, by byte. */
export const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Value of a hexadecimal digit by character code; 255 for every other character. */
export const DIGITS: Uint8Array = new Uint8Array(128).fill(255);
for (let digit = 0; digit < 16; digit++) {
  DIGITS[digit.toString(16).charCodeAt(0)] = digit;
  DIGITS[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

/** Character code of a lowercase hexadecimal digit, 0 to 15. */
export const CODES: Uint8Array = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/** Twelve hexadecimal digits of a whole number from 0 to 2^48 - 1; half the time of `toString(16).padStart(12)`. */
export function hex48(value: number): string {
  const high = Math.floor(value / 2 ** 24);
  const low = value % 2 ** 24;
  return (
    PAIRS[high >> 16]! +
    PAIRS[(high >> 8) & 255]! +
    PAIRS[high & 255]! +
    PAIRS[low >> 16]! +
    PAIRS[(low >> 8) & 255]! +
    PAIRS[low & 255]!
  );
}

/** Lowercase hexadecimal text of `bytes`, two characters a byte. */
export function bytesToHex(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += PAIRS[bytes[i]!]!;
  return text;
}

/** The bytes of an even-length hexadecimal text. Throws RangeError for anything else. */
export function hexToBytes(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hex.length >> 1);
  // Digits of other characters are 255 (or undefined, beyond ASCII), which leaves a mark in `wrong` that no digit leaves.
  let wrong = hex.length & 1;
  for (let i = 0; i < bytes.length; i++) {
    const high = DIGITS[hex.charCodeAt(i * 2)] ?? 255;
    const low = DIGITS[hex.charCodeAt(i * 2 + 1)] ?? 255;
    wrong |= (high | low) >> 4;
    bytes[i] = (high << 4) | low;
  }
  if (wrong) throw new RangeError(`not hexadecimal: ${hex.slice(0, 40)}`);
  return bytes;
}
