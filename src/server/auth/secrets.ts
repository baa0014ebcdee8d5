/** Tokens and one-time codes: drawn from the system's randomness, kept as SHA-256 alone, compared in constant time. */
import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

/** Without 0 O 1 I L U, which are misread or mistyped. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 256 random bits, base64url. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** 8 letters and digits, `K7QM-3XPA`: 39 bits, enough for two minutes behind a rate limit. */
export const newLinkCode = (): string => newCode(2);

/** 16 letters and digits: 78 bits, for a code that lies about for longer. */
export const newSetupCode = (): string => newCode(4);

function newCode(groups: number): string {
  const letter = (): string => ALPHABET[randomInt(ALPHABET.length)]!;
  return Array.from({ length: groups }, () => Array.from({ length: 4 }, letter).join('')).join('-');
}

export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Hash of a code, however it was typed: case, spaces and dashes do not count. */
export const hashCode = (code: string): Buffer => hashToken(code.toUpperCase().replaceAll(/[^0-9A-Z]/g, ''));

export const isSameHash = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);
