import type { Bundle } from '../core/bundle.ts';
import { parseId } from '../core/ids.ts';
import { isTimestamp } from '../core/timestamp.ts';
import * as v from 'valibot';

/** Longest base64 payload a reader accepts: 1 MB sealed, and room for what base64 adds. */
const MAX_PAYLOAD_TEXT = 1_400_000;

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/**
 * Padded base64. valibot's pattern of groups of four took a second for the first 1.4 MB that a process saw, when it is not compiled
 * yet, and two to four times as long as this later.
 */
const isBase64 = (text: string): boolean => text.length % 4 === 0 && BASE64.test(text);

const id = <T>() =>
  v.pipe(
    v.string(),
    v.check((text) => parseId(text) !== null, 'not a UUID'),
    v.transform((text) => text as T),
  );

/** A bundle as one message of a book's stream: JSON, with the payload in base64. The server looks at none but the ids. */
export const BundleMessage = v.object({
  id: id<Bundle['id']>(),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  bookId: id<Bundle['bookId']>(),
  userId: id<Bundle['userId']>(),
  clientId: id<Bundle['clientId']>(),
  timestamp: v.pipe(
    v.string(),
    v.check((text) => isTimestamp(text), 'not a timestamp'),
    v.transform((text) => text as Bundle['timestamp']),
  ),
  payload: v.pipe(v.string(), v.maxLength(MAX_PAYLOAD_TEXT), v.check(isBase64, 'not base64')),
});
export type BundleMessage = v.InferOutput<typeof BundleMessage>;
