/** What any call to a server can come to, and how its answers are read: nothing is believed that no server of ours says. */
import { decodeText } from '../core/utf8.ts';
import { ApiError } from '../protocol/account.ts';
import { call, NoAnswer, type Answer, type Limits, type Platform, type Request } from './http-call.ts';
import type { Failure, Signal } from './ports.ts';
import * as v from 'valibot';

/** Makes a call and lets `look` see the answer; whatever goes wrong on the way is an `unreachable`. */
export type Ask = <T>(
  request: Request,
  limits: Limits,
  signal: Signal,
  look: (answer: Answer) => Promise<T>,
) => Promise<T | Failure>;

/** @param token sent as a bearer token, in a header alone; null for a server without accounts */
export function asker<S>(platform: Platform<S>, token: string | null): Ask {
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  return async (request, limits, signal, look) => {
    try {
      const answer = await call(
        platform,
        { ...request, headers: { ...authorization, ...request.headers } },
        limits,
        signal,
      );
      try {
        return await look(answer);
      } finally {
        answer.end();
      }
    } catch (error) {
      if (error instanceof NoAnswer) return { kind: 'unreachable', message: error.message };
      throw error;
    }
  };
}

/** What any call can meet; null when the status says something about the call itself. The message is a stand-in. */
export function failureOf(answer: Answer): Failure | null {
  const { status } = answer;
  if (status === 401 || status === 403) {
    if (isPage(answer)) throw notAServer();
    return { kind: 'unauthorized', message: 'The server does not know this device any more.' };
  }
  if (status === 429 || status === 503 || status === 507 || status === 500) {
    const seconds = numberOf(answer.header('retry-after'));
    const message = status === 507 ? "The server's storage is full." : 'The server is busy.';
    return { kind: 'busy', message, retryAfterMillis: seconds === null ? null : seconds * 1_000 };
  }
  // Gateways of servers that are not there, redirects, and what else no server of ours says.
  if (status < 400 || status >= 500) return { kind: 'unreachable', message: 'The server is not there.' };
  return null;
}

export async function withMessage<F extends Failure>(failure: F, answer: Answer): Promise<F> {
  return { ...failure, message: await messageOf(answer, failure.message) };
}

/** What the server itself says, in its one plain sentence; otherwise ours. */
export async function messageOf(answer: Answer, ours: string): Promise<string> {
  if (answer.mediaType !== 'application/json') return ours;
  try {
    const error = v.safeParse(ApiError, parse(textOf(await answer.bytes())));
    return error.success ? error.output.error.message.slice(0, 300) : ours;
  } catch {
    return ours;
  }
}

/** Web pages come from portals and proxies, never from a stream. */
export const isPage = (answer: Answer): boolean => answer.mediaType === 'text/html';

export const notAServer = (): NoAnswer =>
  new NoAnswer('Something else than the server answered: is there a login page on this network?');

export function textOf(bytes: Uint8Array): string {
  try {
    return decodeText(bytes, 'answer');
  } catch (error) {
    throw new NoAnswer('The server sent something that is not text.', { cause: error });
  }
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NoAnswer("The server's answer broke off.", { cause: error });
  }
}

/** A whole number in a header; null for anything else. */
export const numberOf = (text: string | null): number | null =>
  text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
