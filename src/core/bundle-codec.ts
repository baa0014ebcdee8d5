/**
 * Events to payload and back. The first byte of a payload says how the rest is written:
 *
 * | byte | codec | rest |
 * |---|---|---|
 * | 0 | json | JSON text of the events: for debugging, and for what the columns cannot hold |
 * | 1 | columnar | columns (codec-columnar.ts) in gzip |
 * | 2 | columnar | columns as they are, where gzip would make a small payload larger |
 * | 3 | carrier | no events, but messages that the sender could not read (carrier.ts) |
 *
 * What the events mean is the matter of the bundle's version (upcast.ts); a reader refuses later versions, and unknown
 * codec bytes.
 */
import { BUNDLE_VERSION, MAX_BUNDLE_EVENTS, MAX_PAYLOAD_BYTES, type Bundle, type CodecError } from './bundle.ts';
import { DecodeFailure } from './bytes.ts';
import { decodeColumnar, encodeColumnar, type Envelope } from './codec-columnar.ts';
import { CARRIER_BYTE } from './carrier.ts';
import { decodeJson, encodeJson, eventOf } from './codec-json.ts';
import type { Event } from './event.ts';
import { gunzip, gzip } from './gzip.ts';
import { err, ok, type Result } from './result.ts';
import { groupByTransaction } from './transaction.ts';
import { EVENT_SCHEMA, upcast, type EventSchema, type WrittenEvent } from './upcast.ts';
import { utf8Length } from './value.ts';

export type Codec = 'json' | 'columnar';

const JSON_BYTE = 0;
const GZIP_BYTE = 1;
const PLAIN_BYTE = 2;

/** Bounds that a reader sets on what it is given. */
export interface DecodeLimits {
  readonly payloadBytes: number;
  /** Bytes of the columns after decompression. What is made of them takes a small multiple of it. */
  readonly inflatedBytes: number;
  readonly events: number;
}

const DECODE_LIMITS: DecodeLimits = {
  payloadBytes: MAX_PAYLOAD_BYTES,
  inflatedBytes: 4_000_000,
  events: MAX_BUNDLE_EVENTS,
};

/** The payload of a bundle with this envelope: events come out of it exactly as they went in, in the same order. */
export function encodeEvents(events: readonly Event[], envelope: Envelope, codec: Codec = 'columnar'): Uint8Array {
  const columns = codec === 'columnar' ? encodeColumnar(events, envelope) : null;
  if (columns === null) return withByte(JSON_BYTE, encodeJson(events));
  const zipped = gzip(columns);
  return zipped.length < columns.length ? withByte(GZIP_BYTE, zipped) : withByte(PLAIN_BYTE, columns);
}

/**
 * The events of a payload, which may be any bytes: never throws, and never takes more memory than a small multiple of
 * `limits`. Ids and references are of the right form; whether each event makes sense is for `checkEvent` to say.
 */
export function decodeEvents(
  payload: Uint8Array,
  envelope: Envelope,
  limits: DecodeLimits = DECODE_LIMITS,
): Result<Event[], CodecError> {
  if (payload.length > limits.payloadBytes) {
    return err({
      kind: 'tooLarge',
      where: 'payload',
      message: `${payload.length} bytes, and ${limits.payloadBytes} are allowed`,
    });
  }
  const codec = payload[0];
  const rest = payload.subarray(1);
  const bounds = { events: limits.events, bytes: limits.inflatedBytes };
  try {
    switch (codec) {
      case JSON_BYTE:
        return ok(decodeJson(rest, limits.events));
      case GZIP_BYTE:
        return ok(decodeColumnar(gunzip(rest, limits.inflatedBytes), envelope, bounds));
      case PLAIN_BYTE:
        return ok(decodeColumnar(rest, envelope, bounds));
      case undefined:
        return err({ kind: 'damaged', where: 'payload', message: 'empty' });
      default:
        return err({ kind: 'unknownCodec', where: 'payload', message: `codec ${codec} is not known to this version` });
    }
  } catch (error) {
    if (error instanceof DecodeFailure) return err({ kind: error.kind, where: error.where, message: error.message });
    // A hole in the checks above must not stop the stream either; the fuzz test fails on it.
    return err({ kind: 'damaged', where: 'decoder', message: error instanceof Error ? error.message : String(error) });
  }
}

/** Seals events into a bundle. Throws RangeError when they are more than `splitIntoBundles` puts into one. */
export function sealBundle(
  envelope: Omit<Bundle, 'version' | 'payload'>,
  events: readonly Event[],
  codec?: Codec,
): Bundle {
  if (events.length === 0 || events.length > MAX_BUNDLE_EVENTS)
    throw new RangeError(`a bundle does not hold ${events.length} events`);
  const payload = encodeEvents(events, envelope, codec);
  if (payload.length > MAX_PAYLOAD_BYTES) throw new RangeError(`a payload does not take ${payload.length} bytes`);
  const { id, bookId, userId, clientId, timestamp } = envelope;
  return { id, version: BUNDLE_VERSION, bookId, userId, clientId, timestamp, payload };
}

/**
 * The events of a bundle that came from anywhere, as the version of `schema` would have written them; see `decodeEvents`.
 * A bundle that carries messages holds none.
 */
export function openBundle(
  bundle: Bundle,
  limits: DecodeLimits = DECODE_LIMITS,
  schema: EventSchema = EVENT_SCHEMA,
): Result<Event[], CodecError> {
  const readable = upcast(bundle.version, [], schema);
  if (!readable.ok) return readable;
  if (bundle.payload[0] === CARRIER_BYTE) return ok([]);
  const written = decodeEvents(bundle.payload, bundle, limits);
  if (!written.ok || bundle.version === schema.version) return written;
  return eventsOf(bundle.version, written.value, schema);
}

/** Events that some version of the app wrote, as that of `schema` would have; never throws. */
export function eventsOf(
  version: number,
  written: readonly object[],
  schema: EventSchema = EVENT_SCHEMA,
): Result<Event[], CodecError> {
  const upcasted = upcast(version, written as readonly WrittenEvent[], schema);
  if (!upcasted.ok) return upcasted;
  try {
    return ok(upcasted.value.map(eventOf));
  } catch (error) {
    if (error instanceof DecodeFailure) return err({ kind: error.kind, where: error.where, message: error.message });
    throw error;
  }
}

/**
 * Puts events into groups that each fit a bundle: whole transactions, oldest first, as many as fit; a transaction that
 * fits none alone is split. No group's columns exceed MAX_PAYLOAD_BYTES even before compression.
 */
export function splitIntoBundles(events: Iterable<Event>): Event[][] {
  const groups: Event[][] = [];
  let group: Event[] = [];
  let bytes = 0;
  const fits = (count: number, size: number): boolean => count <= MAX_BUNDLE_EVENTS && size <= MAX_PAYLOAD_BYTES;
  const close = (): void => {
    if (group.length > 0) groups.push(group);
    group = [];
    bytes = 0;
  };
  for (const transaction of groupByTransaction(events)) {
    const sizes = transaction.events.map(mostBytes);
    const size = sizes.reduce((sum, each) => sum + each, 0);
    if (!fits(group.length + transaction.events.length, bytes + size)) close();
    transaction.events.forEach((event, i) => {
      if (!fits(group.length + 1, bytes + sizes[i]!)) close();
      group.push(event);
      bytes += sizes[i]!;
    });
  }
  close();
  return groups;
}

/** Bytes that an event takes in the columns when nothing of it is shared with its neighbours. */
function mostBytes(event: Event): number {
  return 160 + utf8Length(event.attribute) + utf8Length(event.value) + event.previous.length * 28;
}

function withByte(byte: number, rest: Uint8Array): Uint8Array {
  const payload = new Uint8Array(rest.length + 1);
  payload[0] = byte;
  payload.set(rest, 1);
  return payload;
}
