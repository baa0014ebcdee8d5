/** Books: each one Durable Stream in JSON mode, open to its members, whose messages are bundles. */
import { Hono } from 'hono';
import * as v from 'valibot';
import type { BookId } from '../../core/ids.ts';
import type { BundleIds } from '../../protocol/account.ts';
import { BundleMessage } from '../../protocol/bundle-message.ts';
import { requireMember, requireOwner, unauthorized } from '../auth/access.ts';
import type { Caller } from '../auth/caller.ts';
import type { Context } from '../context.ts';
import { mediaType } from '../streams/media-type.ts';
import type { StreamStore } from '../streams/port.ts';
import { listIds, parseIdsRequest } from './bundle-ids.ts';
import { compressed } from './compress.ts';
import type { Env } from './env.ts';
import { describe } from './json-body.ts';
import { badRequest } from './refusal.ts';
import type { StreamTarget, StreamWrite } from './stream-target.ts';

/** Key of a book's stream in the store. */
export const pathOf = (bookId: BookId): string => `books/${bookId}`;

/** Makes sure that the stream of a book is there. */
export async function makeStream(streams: StreamStore, bookId: BookId): Promise<void> {
  const settings = { contentType: 'application/json', ttlSeconds: null, expiresAt: null };
  await streams.create(pathOf(bookId), { ...settings, closed: false, messages: [] });
}

export function bookRoutes(context: Context): Hono<Env> {
  const routes = new Hono<Env>();
  routes.all('/v1/books/:bookId/stream', requireMember(context), (c) => {
    const { caller, ended } = c.var;
    const target: StreamTarget = {
      path: pathOf(caller.bookId),
      // What is in a book is nobody else's to keep; and an answer from a cache would hide the newest changes.
      cacheControl: 'private, no-store',
      reader: caller.clientId,
      ended,
      check: (write) => {
        // The body may have taken minutes to come.
        if (ended.aborted) throw unauthorized();
        checkWrite(caller, write);
      },
      checkDelete: () => requireOwner(caller, 'delete the book'),
    };
    return context.streamHandler.handle(c, target);
  });
  routes.get('/v1/books/:bookId/bundles', requireMember(context), async (c) => {
    const request = parseIdsRequest(new URL(c.req.url).searchParams, context.limits.idsPage.messages);
    const page: BundleIds = await listIds(
      context.streams,
      pathOf(c.var.caller.bookId),
      request,
      context.limits.idsPage,
    );
    const { body, encoding } = await compressed(Buffer.from(JSON.stringify(page)), c.req.header('Accept-Encoding'));
    return c.body(new Uint8Array(body), 200, {
      'Content-Type': 'application/json',
      'Cache-Control': 'private, no-store',
      Vary: 'Accept-Encoding',
      ...(encoding && { 'Content-Encoding': encoding }),
    });
  });
  return routes;
}

/** Holds a write to what a book is: endless, in JSON, of bundles, each by the device that sends it. */
function checkWrite(caller: Caller, { action, closes, settings, producer, values }: StreamWrite): void {
  if (closes) requireOwner(caller, 'close the book');
  if (action === 'create') {
    if (mediaType(settings.contentType) !== 'application/json') throw badRequest('A book is application/json.');
    if (settings.ttlSeconds !== null || settings.expiresAt !== null) throw badRequest('A book does not expire.');
    if (values !== null && values.length > 0) throw badRequest('A book is made empty.');
    return;
  }
  if (values === null) {
    if (!closes) throw badRequest('A book takes application/json.');
    return;
  }
  if (!producer) throw badRequest('An append to a book needs Producer-Id, Producer-Epoch and Producer-Seq.');
  if (producer.id !== caller.clientId) throw badRequest("Producer-Id must be the device's own clientId.");
  for (const [i, value] of values.entries()) checkBundle(caller, value, `Bundle ${i + 1}`);
}

function checkBundle(caller: Caller, value: unknown, label: string): void {
  const result = v.safeParse(BundleMessage, value, { abortEarly: true });
  if (!result.success) throw badRequest(`${label}: ${describe(result.issues[0])}`);
  const { bookId, clientId, userId } = result.output;
  if (bookId !== caller.bookId) throw badRequest(`${label}: bookId is not that of this book.`);
  if (clientId !== caller.clientId) throw badRequest(`${label}: clientId is not that of this device.`);
  if (userId !== caller.userId) throw badRequest(`${label}: userId is not that of this device's person.`);
}
