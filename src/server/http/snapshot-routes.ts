/** Snapshots of books: uploaded by members, for members, in pieces that are opaque here. */
import { Hono, type MiddlewareHandler } from 'hono';
import type * as v from 'valibot';
import { parseId } from '../../core/ids.ts';
import { MAX_PIECE_BYTES, SnapshotFinish, type SnapshotList } from '../../protocol/snapshot-offer.ts';
import { requireMember, unauthorized } from '../auth/access.ts';
import type { Context } from '../context.ts';
import { formatOffset, parseOffset } from '../streams/offset.ts';
import { readBody } from './body.ts';
import { pathOf } from './book-routes.ts';
import type { Env } from './env.ts';
import { readJson } from './json-body.ts';
import { badRequest, notFound, Refusal } from './refusal.ts';

const noSnapshot = (): Refusal => notFound('There is no such snapshot.');

export function snapshotRoutes(context: Context): Hono<Env> {
  return snapshotRoutesFor(context, requireMember(context));
}

/** @param member lets members of the book pass, as `c.var.caller` */
export function snapshotRoutesFor(
  { snapshots, limits }: Pick<Context, 'snapshots' | 'limits'>,
  member: MiddlewareHandler<Env>,
): Hono<Env> {
  const routes = new Hono<Env>();
  const base = '/v1/books/:bookId/snapshots';
  // What is in a book is nobody else's to keep.
  const headers = { 'Cache-Control': 'private, no-store' };

  routes.get(base, member, async (c) => {
    const found = await snapshots.offered(pathOf(c.var.caller.bookId));
    const list: v.InferInput<typeof SnapshotList> = {
      snapshots: found.map((info) => ({ ...info, cursor: formatOffset(info.cursor) })),
    };
    return c.json(list, 200, headers);
  });

  routes.get(`${base}/:snapshotId/pieces/:number`, member, async (c) => {
    const { id, number } = pieceOf(c.req.param('snapshotId'), c.req.param('number'));
    const data = await snapshots.read(pathOf(c.var.caller.bookId), id, number);
    if (!data) throw noSnapshot();
    return c.body(new Uint8Array(data), 200, { ...headers, 'Content-Type': 'application/octet-stream' });
  });

  routes.put(`${base}/:snapshotId/pieces/:number`, member, async (c) => {
    const { id: snapshot, number } = pieceOf(c.req.param('snapshotId'), c.req.param('number'));
    const { caller, ended } = c.var;
    const data = await readBody(c.env.incoming, { bodyBytes: MAX_PIECE_BYTES, decodedBytes: MAX_PIECE_BYTES });
    // The body may have taken minutes to come.
    if (ended.aborted) throw unauthorized();
    if (data.length === 0) throw badRequest('A piece of a snapshot is not empty.');
    const piece = { snapshot, by: caller.clientId, number, data, most: limits.snapshotBytes };
    switch (await snapshots.put(pathOf(caller.bookId), piece)) {
      case 'stored':
        return c.body(null, 204);
      case 'missing':
        throw noSnapshot();
      case 'taken':
        throw new Refusal(
          409,
          'conflict',
          'This snapshot is whole already, or not of this device, or it has another piece of that number.',
        );
      case 'tooLarge':
        throw new Refusal(413, 'tooLarge', `A snapshot has at most ${limits.snapshotBytes} bytes on this server.`);
    }
  });

  routes.put(`${base}/:snapshotId`, member, async (c) => {
    const { id: snapshot } = pieceOf(c.req.param('snapshotId'), '0');
    const { caller, ended } = c.var;
    const { cursor: text, ...rest } = await readJson(c, SnapshotFinish);
    if (ended.aborted) throw unauthorized();
    const cursor = parseOffset(text);
    if (!cursor) throw badRequest('cursor is not an offset of this server.');
    switch (await snapshots.finish(pathOf(caller.bookId), { snapshot, by: caller.clientId, cursor, ...rest })) {
      case 'offered':
        return c.body(null, 204);
      case 'missing':
        throw noSnapshot();
      case 'incomplete':
        throw new Refusal(409, 'conflict', 'Pieces of this snapshot are missing.');
      case 'otherLog':
        throw new Refusal(410, 'gone', 'The snapshot belongs to another log than the one that is here.');
    }
  });
  return routes;
}

/** Any UUID names a snapshot; numbers have at most five digits. */
function pieceOf(snapshotId: string, number: string): { readonly id: string; readonly number: number } {
  const id = parseId(snapshotId);
  if (!id || !/^(0|[1-9]\d{0,4})$/.test(number)) throw noSnapshot();
  return { id, number: Number(number) };
}
