/** Columns of timestamps, and of the lists of them in `previous`. */
import { type ByteReader, type ByteWriter, fold, unfold } from './bytes.ts';
import type { Event } from './event.ts';
import type { Table } from './id-table.ts';
import {
  counterOf,
  makeTimestamp,
  MAX_COUNTER,
  MAX_MILLIS,
  millisOf,
  nodeOf,
  type NodeId,
  type Timestamp,
} from './timestamp.ts';

/** Least bytes that one timestamp takes: those of its milliseconds. */
export const STAMP_BYTES = 1;

/**
 * Writes timestamps, each relative to the one before.
 * @param millis Unix milliseconds that the first is measured from
 */
export function writeStamps(writer: ByteWriter, stamps: readonly Timestamp[], millis: number, nodes: Table): void {
  let last = millis;
  for (const stamp of stamps) {
    writer.int(millisOf(stamp) - last);
    last = millisOf(stamp);
  }
  writer.sparse(stamps.map(counterOf));
  writer.sparse(stamps.map((stamp) => nodes.indexOf(nodeOf(stamp))));
}

export function readStamps(reader: ByteReader, count: number, millis: number, nodes: readonly NodeId[]): Timestamp[] {
  let last = millis;
  const times = Array.from({ length: count }, () => {
    last += reader.int();
    return last >= 0 && last <= MAX_MILLIS ? last : reader.fail(`has a timestamp at ${last} milliseconds`);
  });
  const counters = reader.sparse(count);
  const nodeIndexes = reader.sparse(count);
  return times.map((time, i) => {
    const node = nodes[reader.index(nodeIndexes[i]!, nodes.length)]!;
    return makeTimestamp(time, reader.index(counters[i]!, MAX_COUNTER + 1), node);
  });
}

/**
 * Writes `previous` of each event as indexes into `stamps`: nothing in one byte, a single timestamp (the usual case)
 * relative to the last one named, longer lists with their length.
 */
export function writePrevious(writer: ByteWriter, events: readonly Event[], stamps: Table): void {
  let last = 0;
  const step = (stamp: Timestamp): number => {
    const index = stamps.indexOf(stamp);
    const change = fold(index - last);
    last = index;
    return change;
  };
  const column: number[] = [];
  for (const { previous } of events) {
    if (previous.length === 1) {
      column.push(step(previous[0]!) * 2 + 1);
    } else {
      column.push(previous.length * 2);
      for (const stamp of previous) column.push(step(stamp));
    }
  }
  writer.sparse(column);
}

export function readPrevious(
  reader: ByteReader,
  count: number,
  stamps: readonly Timestamp[],
): (readonly Timestamp[])[] {
  let last = 0;
  const step = (change: number): Timestamp => {
    last += unfold(change);
    return stamps[last] ?? reader.fail(`refers to entry ${last} of ${stamps.length}`);
  };
  const present = reader.present();
  return Array.from({ length: count }, () => {
    if (!present) return [];
    const head = reader.uint();
    if (head % 2 === 1) return [step((head - 1) / 2)];
    const length = head / 2;
    if (length > reader.left) return reader.fail(`claims ${length} timestamps in ${reader.left} bytes`);
    return Array.from({ length }, () => step(reader.uint()));
  });
}
