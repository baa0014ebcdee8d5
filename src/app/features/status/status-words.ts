/** The status chip in words: exactly those of the design, section 6. */
import type { Status, SyncDetails } from '../../../protocol/status.ts';

/** What kind of picture goes with the words: meaning is never in the colour alone. */
export type StatusIcon =
  | 'device'
  | 'synced'
  | 'offline'
  | 'sending'
  | 'receiving'
  | 'stuck'
  | 'attention'
  | 'clock'
  | 'failed';

export interface StatusWords {
  readonly text: string;
  readonly icon: StatusIcon;
  /** `calm`: nothing to do; `waiting`: amber; `alert`: needs a person. */
  readonly tone: 'calm' | 'waiting' | 'alert';
}

/**
 * @param now Unix milliseconds of this device's clock
 * @param arriving how far a first sync has come, and the history behind it
 */
export function statusWords(status: Status, now: number, arriving: Arriving = NOTHING_ARRIVES): StatusWords {
  switch (status.kind) {
    case 'local':
      return { text: 'Saved on this device only', icon: 'device', tone: 'calm' };
    case 'synced':
      return arriving.history === null
        ? { text: 'All changes synced', icon: 'synced', tone: 'calm' }
        : { text: `Receiving history…${shareWords(arriving.history.share)}`, icon: 'receiving', tone: 'calm' };
    case 'offline':
      return status.waiting === 0
        ? { text: 'Offline · everything saved here', icon: 'offline', tone: 'calm' }
        : { text: `Offline · ${changes(status.waiting)} waiting`, icon: 'offline', tone: 'waiting' };
    case 'sending':
      return { text: `Sending ${changes(status.waiting)}…`, icon: 'sending', tone: 'calm' };
    case 'receiving':
      return {
        text: `Receiving changes…${shareWords(arriving.progress)}`,
        icon: 'receiving',
        tone: 'calm',
      };
    case 'stuck':
      return {
        text: `${changes(status.waiting)} not sent yet · trying again ${retryWords(status.retryAt - now)}`,
        icon: 'stuck',
        tone: 'waiting',
      };
    case 'attention':
      return {
        text: attentionWords(status.count),
        icon: 'attention',
        tone: 'alert',
      };
    case 'clock':
      return {
        text: `This device's clock is ${offsetWords(status.offsetMillis)} · changes are safe`,
        icon: 'clock',
        tone: 'waiting',
      };
    case 'writeFailed':
      return {
        text: status.reason === 'full' ? 'Not saved: storage is full' : `Not saved: ${status.message}`,
        icon: 'failed',
        tone: 'alert',
      };
  }
}

/** `1 change needs attention`. */
export const attentionWords = (count: number): string =>
  `${changes(count)} ${count === 1 ? 'needs' : 'need'} attention`;

type Arriving = Pick<SyncDetails, 'progress' | 'history'>;

const NOTHING_ARRIVES: Arriving = { progress: null, history: null };

/** `12 %` of what is under way: never 100, for then it is over. */
export const percent = (share: number): string => `${Math.min(99, Math.floor(share * 100))} %`;

const shareWords = (share: number | null): string => (share === null ? '' : ` ${percent(share)}`);

/** `1 change`, `3 changes`. */
export const changes = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'change' : 'changes'}`;

function retryWords(millis: number): string {
  const seconds = Math.ceil(millis / 1000);
  if (seconds <= 0) return 'now';
  return seconds < 120 ? `in ${seconds} s` : `in ${Math.round(seconds / 60)} min`;
}

/** How wrong a clock is: `7 min fast`, `2 h slow`. @param offsetMillis positive: fast */
export function offsetWords(offsetMillis: number): string {
  const direction = offsetMillis > 0 ? 'fast' : 'slow';
  const seconds = Math.round(Math.abs(offsetMillis) / 1000);
  if (seconds < 60) return `${seconds} s ${direction}`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min ${direction}`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return `${hours} h ${direction}`;
  return `${Math.round(hours / 24).toLocaleString('en')} days ${direction}`;
}
