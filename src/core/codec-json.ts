/** The plain codec: events as JSON, for debugging and for whatever the columns cannot hold. */
import { DecodeFailure } from './bytes.ts';
import type { Event } from './event.ts';
import { decodeText, encodeText } from './utf8.ts';

const TEXTS = ['id', 'clientId', 'entityId', 'attribute', 'value', 'timestamp'] as const;

export const encodeJson = (events: readonly Event[]): Uint8Array =>
  encodeText(
    JSON.stringify(
      events.map(({ id, clientId, entityId, attribute, value, timestamp, previous }) => ({
        id,
        clientId,
        entityId,
        attribute,
        value,
        timestamp,
        previous,
      })),
    ),
  );

/** Reads events whose parts are text where text belongs; what it says is for `checkEvent` to judge. Throws DecodeFailure. */
export function decodeJson(bytes: Uint8Array, maxEvents: number): Event[] {
  let list: unknown;
  try {
    list = JSON.parse(decodeText(bytes, 'payload'));
  } catch (error) {
    if (error instanceof DecodeFailure) throw error;
    throw new DecodeFailure('damaged', 'payload', 'not JSON');
  }
  if (!Array.isArray(list)) throw new DecodeFailure('damaged', 'payload', 'not a list of events');
  if (list.length > maxEvents)
    throw new DecodeFailure('tooLarge', 'payload', `${list.length} events, and ${maxEvents} are allowed`);
  return list.map((item: unknown, index) => eventOf(item, index));
}

/** What has the parts of an event, each text where text belongs, and nothing besides. Throws DecodeFailure, naming the index. */
export function eventOf(item: unknown, index: number): Event {
  const fields = (typeof item === 'object' && item !== null ? item : {}) as { readonly [key: string]: unknown };
  for (const name of TEXTS) {
    if (typeof fields[name] !== 'string') throw new DecodeFailure('damaged', `event ${index}, ${name}`, 'not text');
  }
  const previous = fields['previous'];
  if (!Array.isArray(previous) || !previous.every((timestamp) => typeof timestamp === 'string')) {
    throw new DecodeFailure('damaged', `event ${index}, previous`, 'not a list of text');
  }
  const { id, clientId, entityId, attribute, value, timestamp, previous: seen } = fields as unknown as Event;
  return { id, clientId, entityId, attribute, value, timestamp, previous: seen };
}
