/**
 * Renewal of a device's token. The server takes the old token until the fresh one is first used; the device keeps both until
 * it has an answer to that use. So whichever message is lost, and wherever the tab dies, one of the two is good:
 *
 *     token --renewal is due--> token + next --next is accepted--> next
 *       ^                            |
 *       +---- next is refused, token is accepted
 */
import type { Credentials } from './credentials.ts';

/** How long a token is used before it is renewed. */
export const RENEW_AFTER_MILLIS = 30 * 86_400_000;

/** What an answer says of the token that was shown: nothing, where it came from elsewhere or none came. */
export type Verdict = 'accepted' | 'refused' | 'unknown';

/** The tokens that may be good, in the order in which they are to be tried. */
export function tokensOf(credentials: Credentials | null): readonly string[] {
  if (!credentials) return [];
  const { nextToken, membership } = credentials;
  return nextToken === undefined ? [membership.token] : [nextToken, membership.token];
}

/** Whether it is time for a fresh token. One from a time to come, by a clock that was set since, is as good as old. */
export function isDue({ nextToken, tokenSince }: Credentials, now: number): boolean {
  if (nextToken !== undefined) return false;
  return tokenSince === undefined || Math.abs(now - tokenSince) >= RENEW_AFTER_MILLIS;
}

/** The credentials once the server has accepted the renewed token `token`: the one before it is worth nothing now. */
export function takeNext(credentials: Credentials, token: string, now: number): Credentials {
  const { nextToken, ...rest } = credentials;
  if (nextToken !== token) return credentials;
  return { ...rest, membership: { ...rest.membership, token }, tokenSince: now };
}

/** The credentials once the server has refused the renewed token `token`, and accepted the one before it. */
export function dropNext(credentials: Credentials, token: string): Credentials {
  const { nextToken, ...rest } = credentials;
  return nextToken === token ? rest : credentials;
}
