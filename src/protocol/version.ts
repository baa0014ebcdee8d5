import type { CommandRequest } from './command.ts';

/**
 * Version of everything that crosses a boundary in this folder, and its history.
 *
 * 1: the first: bundles of version 1, the account API under /v1, books as Durable Streams in JSON mode.
 */
export const PROTOCOL_VERSION = 1;

/** A command as some version of the app would have asked for it. */
export interface WrittenRequest {
  readonly [part: string]: unknown;
}

/** A request of a version as the next one would make it; null when there is no such thing any more. Pure and total. */
type RequestStep = (request: WrittenRequest) => WrittenRequest | null;

type StepsTo<Version extends number, Steps extends readonly RequestStep[] = []> = [
  RequestStep,
  ...Steps,
]['length'] extends Version
  ? Readonly<Steps>
  : StepsTo<Version, [RequestStep, ...Steps]>;

/** Step i leads from version i + 1 to version i + 2: this does not compile when the version goes up without one. */
const REQUEST_STEPS: StepsTo<typeof PROTOCOL_VERSION> = [];

/**
 * A command that a page of another build was asked for, as this one makes it; null when it cannot be: of a newer version, or
 * nothing that this version knows. Whether it can be carried out is for the store to say.
 */
export function readRequest(
  version: number,
  request: WrittenRequest,
  steps: readonly RequestStep[] = REQUEST_STEPS,
): CommandRequest | null {
  if (!Number.isInteger(version) || version < 1 || version > steps.length + 1) return null;
  let current: WrittenRequest | null = request;
  for (const step of steps.slice(version - 1)) current = current && step(current);
  return current as CommandRequest | null;
}
