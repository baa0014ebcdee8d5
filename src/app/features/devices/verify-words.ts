/** What "Verify with server" says, while it is at it and when it is done. */
import type { LastVerified, Verified, VerifyProgress } from '../../../protocol/verification.ts';
import { agoWords, type Zone } from '../history/when.ts';

const number = (n: number): string => n.toLocaleString('en');
const bundles = (n: number): string => `${number(n)} ${n === 1 ? 'bundle' : 'bundles'}`;
const were = (n: number): string => (n === 1 ? 'was' : 'were');

/** What was found stands for so long as what is being done about it; later it is told as what was done. */
const RECENT_MILLIS = 600_000;

/** One sentence or two; null while nothing can be said. */
export function verifiedWords({ at, outcome }: LastVerified, now: number, zone: Zone = {}): string | null {
  const recent = Math.abs(now - at) < RECENT_MILLIS;
  const when = `Verified ${agoWords(at, now, zone)}`;
  switch (outcome.kind) {
    case 'same':
      return outcome.bundles === 0
        ? `${when}: the server holds nothing yet that could be compared.`
        : `${when}: this device and the server hold the same ${bundles(outcome.bundles)}.`;
    case 'repaired':
      return `${when}: ${repairWords(outcome, recent)}`;
    case 'restarted':
      return recent
        ? 'The server no longer has the log that this device had read. Everything on this device is being sent again; nothing is lost.'
        : `${agoWords(at, now, zone)}: the server no longer had the log that this device had read. Everything on this device was sent again.`;
    case 'stopped':
      return null;
    case 'failed':
      return `Not verified ${agoWords(at, now, zone)}: ${outcome.message}`;
  }
}

/** What is on this device alone although both sides were compared. @param refused bundles that the server did not take */
export function apartWords(refused: number): string {
  return refused === 0 ? '' : ` Not among them: ${bundles(refused)} that the server refused, on this device alone.`;
}

function repairWords(
  { fetched, sentAgain, shortened }: Extract<Verified, { kind: 'repaired' }>,
  recent: boolean,
): string {
  const there = `${bundles(sentAgain)} ${were(sentAgain)} missing on the server and ${recent ? (sentAgain === 1 ? 'is being' : 'are being') : were(sentAgain)} sent again`;
  const here = `missing here and ${were(fetched)} fetched`;
  const both =
    sentAgain === 0
      ? `${bundles(fetched)} ${were(fetched)} ${here}.`
      : fetched === 0
        ? `${there}.`
        : `${there}; ${number(fetched)} ${were(fetched)} ${here}.`;
  return shortened
    ? `${both} Changes from before this device’s history begins are not kept here, and could not be sent.`
    : both;
}

export function progressWords({ part, compared, held }: VerifyProgress): string {
  switch (part) {
    case 'catchingUp':
      return 'Receiving what the server has…';
    case 'comparing':
      return held === 0 ? 'Comparing…' : `Comparing ${number(Math.min(compared, held))} of ${bundles(held)}…`;
    case 'fetching':
      return 'Fetching what is missing here…';
    case 'queueing':
      return 'Preparing what is missing on the server…';
  }
}

/** How much was compared, 0 to 1; null while that is not known. */
export function progressShare({ part, compared, held }: VerifyProgress): number | null {
  return part === 'catchingUp' || held === 0 ? null : Math.min(1, compared / held);
}
