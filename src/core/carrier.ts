/**
 * Messages that their holder cannot read, passed on as they are ([BUNDLE-8]): a server takes bundles under the sender's own
 * envelope alone, so what somebody else sealed travels inside one. The payload is the codec byte, and the texts of the
 * messages as a JSON list in gzip.
 */
import { DecodeFailure } from './bytes.ts';
import type { CodecError } from './bundle.ts';
import { gunzip, gzip } from './gzip.ts';
import { err, ok, type Result } from './result.ts';
import { decodeText, encodeText } from './utf8.ts';
import { utf8Length } from './value.ts';

export const CARRIER_BYTE = 3;

/** A full bundle is larger when it travels inside another one; still within what a reader takes (protocol/bundle-message.ts). */
const MAX_CARRIER_BYTES = 1_040_000;
const MAX_TEXT_BYTES = 4_000_000;
/** Several go together up to here; one alone may be larger. */
const TOGETHER_BYTES = 500_000;
const MAX_MESSAGES = 1_000;

export interface Carrier {
  readonly payload: Uint8Array;
  readonly messages: number;
}

/** Payloads that carry these texts of messages, in order. What fits none is left out: it is larger than any app seals. */
export function packMessages(texts: readonly string[]): Carrier[] {
  const carriers: Carrier[] = [];
  let group: string[] = [];
  let bytes = 0;
  const close = (): void => {
    const payload = group.length > 0 ? packed(group) : null;
    if (payload && payload.length <= MAX_CARRIER_BYTES) carriers.push({ payload, messages: group.length });
    group = [];
    bytes = 0;
  };
  for (const text of texts) {
    const size = utf8Length(JSON.stringify(text)) + 1;
    if (size + 2 > MAX_TEXT_BYTES) continue;
    if (bytes + size > TOGETHER_BYTES || group.length === MAX_MESSAGES) close();
    group.push(text);
    bytes += size;
  }
  close();
  return carriers;
}

/** The texts that a payload carries, as they were put in; null when it carries events. Anything may be in there: nothing is thrown. */
export function carriedMessages(payload: Uint8Array): Result<readonly string[] | null, CodecError> {
  if (payload[0] !== CARRIER_BYTE) return ok(null);
  if (payload.length > MAX_CARRIER_BYTES) {
    return err({
      kind: 'tooLarge',
      where: 'payload',
      message: `${payload.length} bytes, and ${MAX_CARRIER_BYTES} are allowed`,
    });
  }
  try {
    const list: unknown = JSON.parse(decodeText(gunzip(payload.subarray(1), MAX_TEXT_BYTES), 'messages'));
    if (!Array.isArray(list) || list.length > MAX_MESSAGES || !list.every((text) => typeof text === 'string'))
      return err({ kind: 'damaged', where: 'messages', message: `not a list of at most ${MAX_MESSAGES} texts` });
    return ok(list);
  } catch (error) {
    if (error instanceof DecodeFailure) return err({ kind: error.kind, where: error.where, message: error.message });
    return err({ kind: 'damaged', where: 'messages', message: 'not JSON' });
  }
}

function packed(texts: readonly string[]): Uint8Array {
  const zipped = gzip(encodeText(JSON.stringify(texts)));
  const payload = new Uint8Array(zipped.length + 1);
  payload[0] = CARRIER_BYTE;
  payload.set(zipped, 1);
  return payload;
}
