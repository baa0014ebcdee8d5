/**
 * Version of everything that crosses a boundary in this folder, and its history.
 *
 * 1: the first: bundles of version 1, the account API under /v1, books as Durable Streams in JSON mode.
 */
export const PROTOCOL_VERSION = 1;
