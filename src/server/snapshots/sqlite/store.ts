import type { DatabaseSync } from 'node:sqlite';
import { prepareAll, prepareOne, prepareRun } from '../../database.ts';
import type { Committer } from '../../streams/sqlite/committer.ts';
import { prepareStatements, type Statements, type StreamRow } from '../../streams/sqlite/rows.ts';
import { whyGone } from '../../streams/sqlite/store.ts';
import {
  type Finish,
  type FinishOutcome,
  KEPT,
  type Piece,
  type PutOutcome,
  type SnapshotInfo,
  type SnapshotStore,
} from '../port.ts';

/** Pieces deleted in one transaction: appends wait for no more than that. */
const SWEPT_AT_A_TIME = 16;

interface SnapshotRow {
  readonly snapshot: number;
  readonly snapshot_id: string;
  readonly made_by: string;
  readonly state: 'arriving' | 'offered' | 'doomed';
  readonly bytes: number;
  readonly pieces: number;
}

interface OfferedRow extends SnapshotRow {
  readonly log: string;
  readonly position: number;
  readonly tag: string;
  readonly events: number;
}

/** Snapshots in the server's SQLite database, beside the streams. The connection belongs to the caller. */
export class SqliteSnapshotStore implements SnapshotStore {
  readonly #streams: Statements;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #committer: Committer;
  readonly #now: () => number;

  /** @param now the server's clock, Unix milliseconds */
  constructor(db: DatabaseSync, committer: Committer, now: () => number) {
    this.#streams = prepareStatements(db);
    this.#sql = prepare(db);
    this.#committer = committer;
    this.#now = now;
  }

  put(path: string, { snapshot: id, by, number, data, most }: Piece): Promise<PutOutcome> {
    return this.#committer.run((): PutOutcome => {
      const stream = this.#streams.stream(path);
      if (!stream) return 'missing';
      let row = this.#sql.find(stream.stream_id, id);
      if (row && (row.made_by !== by || row.state !== 'arriving')) return 'taken';
      if (!row) {
        this.#sql.doomArriving(stream.stream_id, by);
        row = this.#sql.insert(stream.stream_id, id, by, this.#now())!;
      }
      const before = this.#sql.piece(row.snapshot, number);
      if (before) return Buffer.compare(before.data, data) === 0 ? 'stored' : 'taken';
      const bytes = row.bytes + data.length;
      if (bytes > most) return 'tooLarge';
      this.#sql.putPiece(row.snapshot, number, data);
      this.#sql.grow(bytes, row.pieces + 1, this.#now(), row.snapshot);
      return 'stored';
    });
  }

  finish(path: string, { snapshot: id, by, cursor, pieces, events }: Finish): Promise<FinishOutcome> {
    return this.#committer.run((): FinishOutcome => {
      const stream = this.#streams.stream(path);
      const row = stream && this.#sql.find(stream.stream_id, id);
      if (!row || row.made_by !== by) return 'missing';
      if (row.state === 'offered') return 'offered';
      if (row.state === 'doomed') return 'missing';
      if (row.pieces !== pieces || this.#sql.lastPiece(row.snapshot)?.last !== pieces - 1) return 'incomplete';
      if (whyGone(this.#streams, stream, cursor)) return 'otherLog';
      this.#sql.offer(cursor.log, cursor.position, cursor.tag, events, row.snapshot);
      for (const old of this.#offered(stream).slice(KEPT)) this.#sql.doom(old.snapshot);
      return 'offered';
    });
  }

  async offered(path: string): Promise<readonly SnapshotInfo[]> {
    const stream = this.#streams.stream(path);
    if (!stream) return [];
    return this.#offered(stream)
      .filter(({ log, position, tag }) => whyGone(this.#streams, stream, { log, position, tag }) === null)
      .map(({ snapshot_id: id, log, position, tag, pieces, bytes, events }) => ({
        id,
        cursor: { log, position, tag },
        pieces,
        bytes,
        events,
        behind: stream.tail - position,
        messages: stream.tail,
      }));
  }

  async read(path: string, snapshot: string, number: number): Promise<Uint8Array | null> {
    const stream = this.#streams.stream(path);
    const row = stream && this.#sql.find(stream.stream_id, snapshot);
    return row?.state === 'offered' ? (this.#sql.piece(row.snapshot, number)?.data ?? null) : null;
  }

  sweep(staleBefore: number): Promise<number> {
    return this.#committer.run(() => {
      this.#sql.doomStale(staleBefore);
      const swept = this.#sql.sweepPieces();
      return swept + this.#sql.sweepEmpty();
    });
  }

  #offered(stream: StreamRow): OfferedRow[] {
    return this.#sql.offered(stream.stream_id);
  }
}

function prepare(db: DatabaseSync) {
  return {
    find: prepareOne<SnapshotRow>(db, 'SELECT * FROM snapshots WHERE stream_id = ? AND snapshot_id = ?'),
    insert: prepareOne<SnapshotRow>(
      db,
      `INSERT INTO snapshots (stream_id, snapshot_id, made_by, state, touched_at, bytes, pieces)
       VALUES (?, ?, ?, 'arriving', ?, 0, 0) RETURNING *`,
    ),
    grow: prepareRun(db, 'UPDATE snapshots SET bytes = ?, pieces = ?, touched_at = ? WHERE snapshot = ?'),
    offer: prepareRun(
      db,
      `UPDATE snapshots SET state = 'offered', log = ?, position = ?, tag = ?, events = ? WHERE snapshot = ?`,
    ),
    doom: prepareRun(db, `UPDATE snapshots SET state = 'doomed' WHERE snapshot = ?`),
    doomArriving: prepareRun(
      db,
      `UPDATE snapshots SET state = 'doomed' WHERE stream_id = ? AND made_by = ? AND state = 'arriving'`,
    ),
    doomStale: prepareRun(db, `UPDATE snapshots SET state = 'doomed' WHERE state = 'arriving' AND touched_at < ?`),
    offered: prepareAll<OfferedRow>(
      db,
      `SELECT * FROM snapshots WHERE stream_id = ? AND state = 'offered' ORDER BY position DESC, snapshot DESC`,
    ),
    putPiece: prepareRun(db, 'INSERT INTO snapshot_pieces (snapshot, number, data) VALUES (?, ?, ?)'),
    piece: prepareOne<{ data: Uint8Array }>(db, 'SELECT data FROM snapshot_pieces WHERE snapshot = ? AND number = ?'),
    lastPiece: prepareOne<{ last: number | null }>(
      db,
      'SELECT max(number) AS last FROM snapshot_pieces WHERE snapshot = ?',
    ),
    sweepPieces: prepareRun(
      db,
      `DELETE FROM snapshot_pieces WHERE (snapshot, number) IN (SELECT p.snapshot, p.number FROM snapshots s
         JOIN snapshot_pieces p ON p.snapshot = s.snapshot WHERE s.state = 'doomed' LIMIT ${SWEPT_AT_A_TIME})`,
    ),
    sweepEmpty: prepareRun(
      db,
      `DELETE FROM snapshots WHERE state = 'doomed'
         AND NOT EXISTS (SELECT 1 FROM snapshot_pieces p WHERE p.snapshot = snapshots.snapshot)`,
    ),
  };
}
