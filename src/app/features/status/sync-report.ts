/** The state of sync as text to send to somebody who helps: no token, no name, no value of a record. */
import type { Status, SyncDetails } from '../../../protocol/status.ts';
import { statusWords } from './status-words.ts';

export function reportText({
  status,
  details,
  now,
  browser,
}: {
  readonly status: Status;
  readonly details: SyncDetails;
  /** Unix milliseconds. */
  readonly now: number;
  readonly browser: string;
}): string {
  const at = (millis: number | null) => (millis === null ? 'never' : new Date(millis).toISOString());
  const lines: readonly (readonly [string, string | number])[] = [
    ['Daybook sync report', new Date(now).toISOString()],
    ['Status', statusWords(status, now).text],
    ['Server', serverOrigin(details.serverUrl)],
    ['Last contact', at(details.lastContactAt)],
    ['Changes waiting', details.waiting],
    ['Waiting since', at(details.waitingSince)],
    ['Next try', at(details.retryAt)],
    ['Clock offset (ms)', details.clockOffsetMillis ?? 'unknown'],
    ['Quarantined', details.quarantined],
    ['Rejected', details.rejected],
    ['Last verified', withoutSecrets(lastVerified(details, at))],
    ['Progress', details.progress ?? 'up to date'],
    ['Last problem', withoutSecrets(details.lastError ?? 'none')],
    ['Browser', browser],
  ];
  return lines.map(([name, value]) => `${name}: ${value}`).join('\n');
}

function lastVerified({ verification: { last } }: SyncDetails, at: (millis: number | null) => string): string {
  return last === null ? 'never' : `${at(last.at)}, ${JSON.stringify(last.outcome)}`;
}

/** A URL may hold a password or a code: only where the server is. */
function serverOrigin(url: string | null): string {
  if (url === null) return 'none';
  try {
    return new URL(url).origin;
  } catch {
    return 'not a URL';
  }
}

/** Addresses lose their user, query and fragment; anything as long and mixed as a token goes. */
const withoutSecrets = (text: string): string =>
  text
    .replace(/\b[a-z]+:\/\/[^\s"'”]+/gi, (url) => serverOrigin(url))
    .replace(/(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{20,}/gi, (word) => (/^[0-9a-f-]{36}$/.test(word) ? word : '[removed]'));
