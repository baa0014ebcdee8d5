/** Snapshots of books (src/protocol/snapshot-offer.ts). */
import { bookId } from './book-paths.ts';
import { BYTES, header, inPath, json, operation, type Paths } from './operation.ts';

const tag = 'Snapshots';

const snapshotId = inPath('snapshotId', 'Id of a snapshot; the device that uploads it mints it.');
const number = inPath('number', 'Number of a piece, from 0.', { type: 'string', pattern: '^(0|[1-9][0-9]{0,4})$' });
const kept = {
  'Cache-Control': header('What is in a book is nobody’s to keep.', true, { const: 'private, no-store' }),
};

export const snapshotPaths: Paths = {
  '/v1/books/{bookId}/snapshots': {
    get: operation({
      id: 'snapshots',
      summary: 'The snapshots that a new device may start from',
      tag,
      access: 'member',
      parameters: [bookId],
      answers: { 200: json('SnapshotList', 'Whole ones, that which reaches furthest first.', kept) },
    }),
  },
  '/v1/books/{bookId}/snapshots/{snapshotId}': {
    put: operation({
      id: 'finishSnapshot',
      summary: 'Say that all pieces are there: it is offered from now on',
      tag,
      access: 'member',
      parameters: [bookId, snapshotId],
      body: { schema: 'SnapshotFinish', required: true },
      answers: { 204: { description: 'It is offered.' } },
      refusals: [404, 409, 410],
    }),
  },
  '/v1/books/{bookId}/snapshots/{snapshotId}/pieces/{number}': {
    get: operation({
      id: 'readSnapshotPiece',
      summary: 'Read a piece',
      tag,
      access: 'member',
      parameters: [bookId, snapshotId, number],
      answers: { 200: { description: 'Its bytes.', headers: kept, content: BYTES } },
      refusals: [404],
    }),
    put: operation({
      id: 'putSnapshotPiece',
      summary: 'Upload a piece: 1 to 2,000,000 bytes, in any order, and again as the same bytes alone',
      tag,
      access: 'member',
      parameters: [bookId, snapshotId, number],
      body: { schema: 'bytes', required: true },
      answers: { 204: { description: 'Stored.' } },
      refusals: [404, 409],
    }),
  },
};
