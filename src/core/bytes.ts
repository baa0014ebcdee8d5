/** Growing and reading byte strings, in the few shapes that payloads are made of. */

/** Why bytes could not be read, and where. Thrown inside the decoder alone, and caught at its boundary. */
export class DecodeFailure extends Error {
  readonly kind: 'damaged' | 'tooLarge';
  readonly where: string;
  constructor(kind: DecodeFailure['kind'], where: string, message: string) {
    super(message);
    this.name = 'DecodeFailure';
    this.kind = kind;
    this.where = where;
  }
}

/** A whole number of either sign as one without: 0, -1, 1, -2, 2... Up to 2^52. */
export const fold = (value: number): number => (value < 0 ? -value * 2 - 1 : value * 2);

export const unfold = (folded: number): number => (folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2);

export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;
  /** One bit for each call of `sparse`: whether it wrote anything. */
  readonly #present: boolean[] = [];

  /** A whole number from 0 to 2^53 - 1, in one byte per seven bits, the low ones first. */
  uint(value: number): void {
    this.#room(8);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** A whole number of either sign, near zero in few bytes; up to 2^52. */
  int(value: number): void {
    this.uint(fold(value));
  }

  /** Numbers that are often nothing but zeros, in which case they take no byte at all. */
  sparse(values: readonly number[]): void {
    const present = values.some((value) => value !== 0);
    this.#present.push(present);
    if (present) for (const value of values) this.uint(value);
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What was written, behind the bits that say which sparse columns are there; the writer is done with. */
  finish(): Uint8Array {
    const body = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    this.uint(this.#present.reduce((bits, present, i) => (present ? bits + 2 ** i : bits), 0));
    this.raw(body);
    return this.#bytes.subarray(0, this.#length);
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + bytes));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Reads what ByteWriter wrote. Every read is checked against what is left and throws DecodeFailure, saying in which part. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Which of the sparse columns to come are there; the lowest bit is that of the next. */
  #present = 0;
  /** Name of the part that is being read, for errors. */
  #part = 'start';

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#present = this.uint();
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  part(name: string): this {
    this.#part = name;
    return this;
  }

  uint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) return this.fail('ends too early');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 128;
      if (scale > 2 ** 49) return this.fail('holds a number of more than eight bytes');
    }
    return Number.isSafeInteger(value) ? value : this.fail('holds a number beyond 2^53');
  }

  int(): number {
    return unfold(this.uint());
  }

  /** Whether the next sparse column is there. */
  present(): boolean {
    const present = this.#present % 2 === 1;
    this.#present = Math.floor(this.#present / 2);
    return present;
  }

  /** A sparse column of `length` numbers. */
  sparse(length: number): number[] {
    const present = this.present();
    return Array.from({ length }, () => (present ? this.uint() : 0));
  }

  /** A number of things to come, each of which takes at least `bytesEach`: checked before anything is made for them. */
  count(bytesEach: number): number {
    const value = this.sparse(1)[0]!;
    return value * bytesEach <= this.left ? value : this.fail(`claims ${value} entries in ${this.left} bytes`);
  }

  /** An index into a table of `length` entries. */
  index(value: number, length: number): number {
    return value < length ? value : this.fail(`refers to entry ${value} of ${length}`);
  }

  /** A view of the next `length` bytes. */
  raw(length: number): Uint8Array {
    if (length > this.left) return this.fail('ends too early');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  fail(reason: string): never {
    throw new DecodeFailure('damaged', `${this.#part}, byte ${this.#at}`, reason);
  }
}
