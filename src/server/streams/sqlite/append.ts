import { randomBytes } from 'node:crypto';
import { mediaType } from '../media-type.ts';
import type { Append, AppendOutcome, Stored } from '../port.ts';
import { type Statements, type StreamRow, tailOf } from './rows.ts';

/**
 * Appends to a stream inside the caller's transaction: the order of the checks is that of the protocol (5.2, 5.2.1).
 * @param row the stream as it is in this transaction
 * @param now Unix milliseconds
 */
export function appendTo(sql: Statements, row: StreamRow, append: Append, now: number): AppendOutcome {
  const { producer } = append;
  const known = producer && sql.producer(row.stream_id, producer.id);
  const stored = (tail = tailOf(row), closed = row.closed === 1): Stored => ({
    tail,
    closed,
    producer: producer && {
      epoch: producer.epoch,
      seq: Math.max(producer.seq, known?.epoch === producer.epoch ? known.seq : 0),
    },
  });

  if (row.closed === 1) {
    const closedByThis =
      producer !== null &&
      row.closed_by === producer.id &&
      row.closed_epoch === producer.epoch &&
      row.closed_seq === producer.seq;
    const closesAgain = producer === null && append.close && append.messages.length === 0;
    if (closedByThis || closesAgain) return { kind: 'duplicate', ...stored() };
    if (known && producer && producer.epoch < known.epoch) return { kind: 'staleEpoch', epoch: known.epoch };
    return { kind: 'closed', tail: tailOf(row) };
  }
  if (append.messages.length > 0 && mediaType(append.contentType) !== mediaType(row.content_type)) {
    return { kind: 'wrongType', expected: row.content_type };
  }
  if (producer) {
    const refused = checkProducer(producer, known);
    if (refused === 'duplicate') return { kind: 'duplicate', ...stored() };
    if (refused) return refused;
  }
  if (append.seq !== null && row.last_seq !== null && !sortsAfter(append.seq, row.last_seq)) {
    return { kind: 'seqRegressed', last: row.last_seq };
  }

  let tail = tailOf(row);
  if (append.messages.length > 0) {
    const tag = randomBytes(4).toString('hex');
    for (const [i, message] of append.messages.entries()) sql.insertMessage(row.stream_id, row.tail + i, tag, message);
    tail = { log: row.log, position: row.tail + append.messages.length, tag };
  }
  sql.updateTail(tail.position, tail.tag, append.seq ?? row.last_seq, now, row.stream_id);
  if (producer) sql.setProducer(row.stream_id, producer.id, producer.epoch, producer.seq);
  if (append.close)
    sql.closeStream(producer?.id ?? null, producer?.epoch ?? null, producer?.seq ?? null, row.stream_id);
  return { kind: 'appended', ...stored(tail, append.close) };
}

/** Null: take it. An unknown producer, like a new epoch, begins at 0; anything else is a gap. */
function checkProducer(
  producer: { readonly epoch: number; readonly seq: number },
  known: { readonly epoch: number; readonly seq: number } | null,
): AppendOutcome | 'duplicate' | null {
  if (!known) return producer.seq === 0 ? null : { kind: 'gap', expected: 0 };
  if (producer.epoch < known.epoch) return { kind: 'staleEpoch', epoch: known.epoch };
  if (producer.epoch > known.epoch) return producer.seq === 0 ? null : { kind: 'epochStart' };
  if (producer.seq <= known.seq) return 'duplicate';
  return producer.seq === known.seq + 1 ? null : { kind: 'gap', expected: known.seq + 1 };
}

/** Byte by byte, as the protocol compares Stream-Seq. */
const sortsAfter = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0;
