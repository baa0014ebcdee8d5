/** Snapshots of a book on a Daybook server, over HTTP (protocol/snapshot-offer.ts). */
import type { BundleId } from '../core/ids.ts';
import { MAX_PIECE_BYTES, SnapshotList } from '../protocol/snapshot-offer.ts';
import { failureOf, isPage, messageOf, notAServer, parse, textOf, withMessage, type Ask } from './answers.ts';
import type { Answer, Limits } from './http-call.ts';
import type { OffersOutcome, PieceOutcome, SnapshotTransport, UploadOutcome } from './ports.ts';
import * as v from 'valibot';

const QUICK: Limits = { answerMillis: 15_000, silenceMillis: 15_000, bodyBytes: 100_000 };
/** Time for a piece over a slow network, either way. */
const PIECE: Limits = { answerMillis: 60_000, silenceMillis: 30_000, bodyBytes: MAX_PIECE_BYTES };

/** @param url where the book's snapshots are */
export function createSnapshotTransport(ask: Ask, url: string): SnapshotTransport {
  const pieceUrl = (snapshot: BundleId, number: number): string => `${url}/${snapshot}/pieces/${number}`;
  return {
    offers: (signal) =>
      ask<OffersOutcome>(
        { method: 'GET', url, headers: { accept: 'application/json' } },
        QUICK,
        signal,
        async (answer) => {
          if (isPage(answer)) throw notAServer();
          if (answer.status !== 200) {
            const failure = failureOf(answer);
            return failure ? withMessage(failure, answer) : { kind: 'unknown' };
          }
          const list = v.safeParse(SnapshotList, parse(textOf(await answer.bytes())));
          if (!list.success) throw notAServer();
          return { kind: 'offers', offers: list.output.snapshots };
        },
      ),

    piece: (snapshot, number, signal) =>
      ask<PieceOutcome>(
        { method: 'GET', url: pieceUrl(snapshot, number), headers: { accept: 'application/octet-stream' } },
        PIECE,
        signal,
        async (answer) => {
          if (isPage(answer)) throw notAServer();
          if (answer.status === 404) return { kind: 'gone' };
          if (answer.status !== 200) {
            const failure = failureOf(answer);
            if (failure) return withMessage(failure, answer);
          }
          if (answer.mediaType !== 'application/octet-stream') throw notAServer();
          return { kind: 'piece', bytes: await answer.bytes() };
        },
      ),

    putPiece: (snapshot, number, body, signal) =>
      ask(
        {
          method: 'PUT',
          url: pieceUrl(snapshot, number),
          headers: { 'content-type': 'application/octet-stream' },
          body,
        },
        PIECE,
        signal,
        uploaded,
      ),

    finish: (snapshot, finish, signal) =>
      ask(
        {
          method: 'PUT',
          url: `${url}/${snapshot}`,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(finish),
        },
        QUICK,
        signal,
        uploaded,
      ),
  };
}

async function uploaded(answer: Answer): Promise<UploadOutcome> {
  if (answer.status === 204) return { kind: 'stored' };
  const failure = failureOf(answer);
  if (failure) return withMessage(failure, answer);
  if (isPage(answer)) throw notAServer();
  return { kind: 'refused', message: await messageOf(answer, 'The server does not take this snapshot.') };
}
