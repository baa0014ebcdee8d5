/** Bundles as messages of a stream: JSON, the payload in base64 (protocol/bundle-message.ts). */
import { fromBase64, toBase64 } from '../core/base64.ts';
import type { Bundle } from '../core/bundle.ts';
import { err, ok } from '../core/result.ts';
import { BundleMessage } from '../protocol/bundle-message.ts';
import type { BundleMessages } from '../store/store.ts';
import * as v from 'valibot';

export const bundleMessages: BundleMessages = {
  write: ({ id, version, bookId, userId, clientId, timestamp, payload }: Bundle) =>
    JSON.stringify({
      id,
      version,
      bookId,
      userId,
      clientId,
      timestamp,
      payload: toBase64(payload),
    } satisfies BundleMessage),

  read: (message) => {
    const parsed = v.safeParse(BundleMessage, message);
    if (!parsed.success) return err(`This is not a bundle: ${v.summarize(parsed.issues)}`);
    const payload = fromBase64(parsed.output.payload);
    return payload.ok
      ? ok({ ...parsed.output, payload: payload.value })
      : err(`The payload of this bundle is ${payload.error}.`);
  },
};
