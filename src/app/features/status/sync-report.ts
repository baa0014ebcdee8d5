/** The state of sync as text to send to somebody who helps: no token, no name, no value of a record. */
import { parseId } from '../../../core/ids.ts';
import type { Status, SyncDetails } from '../../../protocol/status.ts';
import { percent, statusWords } from './status-words.ts';

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
  const at = (millis: number | null, none: string) => (millis === null ? none : new Date(millis).toISOString());
  const lines: readonly (readonly [string, string | number])[] = [
    ['Daybook sync report', new Date(now).toISOString()],
    ['Status', withoutSecrets(statusWords(status, now, details).text)],
    ['Server', serverOrigin(details.serverUrl)],
    ['Last contact', at(details.lastContactAt, 'not yet')],
    ['Changes waiting', details.waiting],
    ['Waiting since', at(details.waitingSince, 'nothing waits')],
    ['Next try', at(details.retryAt, 'none is planned')],
    ['Clock ahead of the server (ms)', details.clockOffsetMillis ?? 'not compared'],
    ['Quarantined', details.quarantined],
    ['Rejected', details.rejected],
    ['Last verified', withoutSecrets(lastVerified(details))],
    [
      'First sync',
      details.progress === null ? 'none under way, or not known' : `${Math.round(details.progress * 100)} %`,
    ],
    ...(details.history === null ? [] : [['Older history', historyWords(details.history.share)] as const]),
    ['Last problem', withoutSecrets(details.lastError ?? 'none')],
    ['Browser', browser],
  ];
  return lines.map(([name, value]) => `${name}: ${value}`).join('\n');
}

const historyWords = (share: number | null): string => (share === null ? 'still arriving' : percent(share));

function lastVerified({ verification: { last } }: SyncDetails): string {
  return last === null ? 'never' : `${new Date(last.at).toISOString()}, ${JSON.stringify(last.outcome)}`;
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

/** Addresses lose their user, query and fragment; anything as long and mixed as a token goes. Ids stay: they open nothing. */
const withoutSecrets = (text: string): string =>
  text
    .replace(/\b[a-z]+:\/\/[^\s"'”]+/gi, (url) => serverOrigin(url))
    .replace(/[\w-]{20,}/g, (word) => (isMixed(word) && parseId(word) === null ? '[removed]' : word));

const isMixed = (word: string): boolean => [/[a-z]/, /[A-Z]/, /\d/].filter((letters) => letters.test(word)).length > 1;
