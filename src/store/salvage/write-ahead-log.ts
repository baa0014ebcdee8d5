/**
 * Reads a write-ahead log that SQLite itself may refuse: https://www.sqlite.org/fileformat2.html#the_write_ahead_log.
 * SQLite goes by the first frame that does not fit and drops everything behind it; here each frame is held against the sums
 * that stand in the one before, so that a damaged frame costs one page and nothing else.
 */
import type { FileBytes } from './page-file.ts';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const BIG_ENDIAN_SUMS = 0x377f0683;
const LITTLE_ENDIAN_SUMS = 0x377f0682;

/** Where the newest committed image of each page lies in the log, as the offset of its first byte. */
export function committedPages(log: FileBytes, pageBytes: number): ReadonlyMap<number, number> {
  const pages = new Map<number, number>();
  if (log.size < HEADER_BYTES + FRAME_HEADER_BYTES + pageBytes) return pages;
  const header = viewOf(log.read(0, HEADER_BYTES));
  const magic = header.getUint32(0);
  const little = magic !== BIG_ENDIAN_SUMS;
  const intact = (magic === LITTLE_ENDIAN_SUMS || !little) && sumsMatch([0, 0], header, 0, 24, little, header, 24);
  const first = viewOf(log.read(HEADER_BYTES, FRAME_HEADER_BYTES));
  // Frames of an earlier round lie behind those of the present one, and have other salts.
  const salts = intact ? [header.getUint32(16), header.getUint32(20)] : [first.getUint32(8), first.getUint32(12)];
  let sums: readonly [number, number] | null = intact ? [header.getUint32(24), header.getUint32(28)] : null;
  /** Pages of the transaction whose last frame has not come yet. */
  let open = new Map<number, number>();
  for (let at = HEADER_BYTES; ; at += FRAME_HEADER_BYTES + pageBytes) {
    if (at + FRAME_HEADER_BYTES + pageBytes > log.size) return pages;
    const frame = viewOf(log.read(at, FRAME_HEADER_BYTES + pageBytes));
    if (frame.getUint32(8) !== salts[0] || frame.getUint32(12) !== salts[1]) {
      sums = null;
      continue;
    }
    const good =
      sums !== null &&
      sumsMatch(sums, frame, 0, 8, little, frame, 16, FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + pageBytes);
    sums = [frame.getUint32(16), frame.getUint32(20)];
    if (!good) continue;
    open.set(frame.getUint32(0), at + FRAME_HEADER_BYTES);
    if (frame.getUint32(4) === 0) continue;
    for (const [page, offset] of open) pages.set(page, offset);
    open = new Map();
  }
}

/** Whether the sums of these bytes, going on from `from`, are those that stand (big-endian) at `at` of `kept`. */
function sumsMatch(
  from: readonly [number, number],
  bytes: DataView,
  start: number,
  end: number,
  little: boolean,
  kept: DataView,
  at: number,
  nextStart = 0,
  nextEnd = 0,
): boolean {
  let [a, b] = from;
  const add = (first: number, last: number): void => {
    for (let i = first; i < last; i += 8) {
      a = (a + bytes.getUint32(i, little) + b) >>> 0;
      b = (b + bytes.getUint32(i + 4, little) + a) >>> 0;
    }
  };
  add(start, end);
  add(nextStart, nextEnd);
  return a === kept.getUint32(at) && b === kept.getUint32(at + 4);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
