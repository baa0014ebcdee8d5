/**
 * Offsets as this server mints them: `<log>_<position>_<tag>`, opaque to clients, sorting as text within one log.
 *
 * - `log`: random identity of the stream's log, 12 hexadecimal digits. A stream deleted and made again, or a server restored
 *   from our backup, has another one.
 * - `position`: how many messages lie before it, 13 hexadecimal digits.
 * - `tag`: random, drawn at each append and stored with its messages, 8 hexadecimal digits. A log put back to an older state
 *   and written on has other tags at the same positions, so a reader who was further ahead is noticed.
 */
export interface Offset {
  readonly log: string;
  readonly position: number;
  readonly tag: string;
}

/** Tag of position 0, before the first message. */
export const START_TAG = '00000000';

const FORM = /^([0-9a-f]{12})_([0-9a-f]{13})_([0-9a-f]{8})$/;

export function formatOffset(offset: Offset): string {
  return `${offset.log}_${offset.position.toString(16).padStart(13, '0')}_${offset.tag}`;
}

/** Reads an offset; null when `text` is not one that a Daybook server mints. */
export function parseOffset(text: string): Offset | null {
  const match = FORM.exec(text);
  return match && { log: match[1]!, position: Number.parseInt(match[2]!, 16), tag: match[3]! };
}
