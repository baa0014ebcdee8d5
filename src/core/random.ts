/** A source of random bytes, passed in so that the core stays pure: returns `length` fresh bytes. */
export type Random = (length: number) => Uint8Array;
