/** docs/server-benchmarks.md, from what was measured. */
import { cpus } from 'node:os';
import { CONNECTIONS, type Appends } from './appends.ts';
import type { Contender } from './contenders.ts';
import type { FanOut } from './fan-out.ts';
import type { Fetch, FirstSync } from './first-sync.ts';
import { busiest, type Limit, type Times } from './saturation.ts';
import type { Memory, Watched } from './watch-server.ts';

/** What a server could not do. */
export interface Failure {
  readonly contender: string;
  readonly plan: string;
  readonly why: string;
}

export const PARTS = ['appends', 'fan-out', 'first-sync', 'million'] as const;
export type Part = (typeof PARTS)[number];

/** What one part of the benchmark came to: plain data, kept in a file. */
export interface PartReport {
  readonly part: Part;
  readonly appends: readonly Appends[];
  readonly fanOuts: readonly FanOut[];
  readonly firstSyncs: readonly FirstSync[];
  readonly failures: readonly Failure[];
  /** ISO 8601. */
  readonly when: string;
  readonly minutes: number;
}

/**
 * The page, in Markdown.
 * @param noEvolu why Evolu was left out, in words; null when it was not
 */
export function writeReport(
  parts: readonly PartReport[],
  contenders: readonly Pick<Contender, 'name' | 'promise'>[],
  noEvolu: string | null,
): string {
  const appends = parts.flatMap((part) => part.appends);
  const fanOuts = parts.flatMap((part) => part.fanOuts);
  const firstSyncs = parts.flatMap((part) => part.firstSyncs);
  const failures = parts.flatMap((part) => part.failures);
  return `# The server under load

Made by \`npm run bench:server\` (${parts.map(({ part, when, minutes }) => `${part}: ${when.slice(0, 10)}, ${minutes.toFixed(0)} min`).join('; ')}): Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model.trim() || 'unknown'}), over the
loopback without TLS. Server and load clients are processes of their own on this one machine, and each server starts with a fresh data folder
on the disk of the sources. **Only ratios within one part say something about a server**; absolute figures are those of this machine,
which may have done other things as well.

## Who is measured

${contenders.map(({ name, promise }) => `- **${name}**: ${promise}.`).join('\n')}
${noEvolu === null ? '' : `\nEvolu’s relay is not in the tables: ${noEvolu}.\n`}
${NOTES_ON_OTHERS}

*Limited by* says what held a figure down. **client**: a load process had no time left (its event loop was busy for 90 % or more), so the
server may be better than this figure. *machine*: no core was free, and server and clients took them from each other. *server*:
it used a whole core while everybody else had time left. *waiting*: nobody was busy, the disk was waited for. *Loop* is the share of
the time in which the busiest load process had work, *late* how late its timers were (p99), *CPU* the server's share of one
core, *each* its processor time for one bundle that it acknowledged or delivered, which other work on the machine changes less than the time it takes.

## Bundles acknowledged

${CONNECTIONS} appends are under way at a time, whatever the number of books, each from a device of its own with one append under way; books belong to
different people. A bundle of 1 event is an edit, one of 1,000 an import of 111 records and an edit, both sealed by the app's codec;
large ones travel gzipped to Daybook, as the app sends them. Evolu gets the same changes as it has them: a message a row, encrypted one by
one, so 112 for those 1,000 events. × is the rate beside Daybook's.

${appends.length > 0 ? appendTable(appends) : missing('appends')}
${failures
  .map(
    ({ contender, plan, why }) => `
Not measured: ${contender}, \`${plan}\`: ${why}.
`,
  )
  .join('')}
## Live changes

One device sends a bundle of one event; the next follows once everybody has it. The time runs from before the append is
sent to when a reader has the event (append and commit included), for all readers of all rounds, and beside it to the last reader of each round.
Readers are connections of their own, each of a device of its own (Daybook's limit is 16 a device), spread evenly over the books and over two processes.

${fanOuts.length > 0 ? fanOutTable(fanOuts) : missing('fan-out')}

${NOTES_ON_LIVE}

## A first sync

The history of \`src/testing/long-history.ts\`, ten events a record, in full bundles (Evolu: a message for each row of each transaction), read from the start
by a client that has nothing. *Bytes alone* parses the messages and throws them away; Evolu's client has to keep timestamps in SQLite to know
what is missing, in memory here. *Into the store* is the app's sync loop with the store on node:sqlite, decoding and every projection included: there the
client is measured, not the server.

${firstSyncs.length > 0 ? firstSyncTable(firstSyncs) : missing('first-sync')}

## Bytes on the wire

HTTP's headers included. Reading: the first sync above. Sending: one append of the table at the top.

${appends.length + firstSyncs.length > 0 ? wireTable(appends, firstSyncs) : missing('appends')}

## Memory of the server

Resident, in MB: after its start, and the most it ever had in that run.

${memoryTable(appends, fanOuts, firstSyncs)}
`;
}

const NOTES_ON_LIVE = `In files, the reference server writes the time of each look at a stream to LMDB and waits for the disk, for each live
reader: with 400 readers one append took 12 s to be acknowledged here. So its live changes are measured in memory.`;

const NOTES_ON_OTHERS = `- The reference server answers appends to 1,000 streams at the same moment with 404, so there is no line for 1,000 books. By its code, which
  keeps 100 files open, a file may be closed between its write and its flush; that this is the cause was not shown.
- Evolu’s relay 4.1.0 could not be installed: the \`@evolu/nodejs\` 4.1.0 that it names was not in the registry. Measured is the newest relay that
  was, in the package that relay is made of. It keeps a set of messages by timestamp and finds differences by ranges, and encrypts each message alone, so
  that it can merge and prune without order; Daybook’s server keeps a log and sees neither. Both are choices, and both show in these figures.`;

const missing = (part: Part): string => `*Not measured yet: \`npm run bench:server -- --part ${part}\`.*`;

const count = (value: number): string => Math.round(value).toLocaleString('en');
const rate = (value: number): string => (value < 10 ? value.toFixed(1) : count(value));
const millis = (value: number): string => `${value < 10 ? value.toFixed(1) : count(value)} ms`;
const share = (value: number | null): string => (value === null ? '' : `${Math.round(value * 100)} %`);
const megabytes = (bytes: number): string => count(bytes / 1_000_000);
const pair = ({ count, p50, p99 }: Times): string => (count === 0 ? '' : `${millis(p50)} / ${millis(p99)}`);
const limit = (limit: Limit): string => (limit === 'client' ? '**client**' : limit);

/**
 * Cells that say how busy everybody was.
 * @param pieces pieces of work that the server did meanwhile
 */
function busyCells({ clients, server, cpuSeconds, limit: by }: Watched, pieces: number): string {
  const { loop, delayMillis } = busiest(clients);
  const each = cpuSeconds === null || pieces === 0 ? '' : `, ${count((cpuSeconds * 1e6) / pieces)} µs`;
  return `${share(server)}${each} | ${share(loop)}, ${millis(delayMillis)} | ${limit(by)}`;
}
const BUSY = 'CPU, each | loop, late | limited by';

function table(head: string, lines: readonly string[]): string {
  return [`| ${head} |`, `|${head.replaceAll(/[^|]+/g, '---')}|`, ...lines.map((line) => `| ${line} |`)].join('\n');
}

/** How often Daybook's figure a figure of the same work is; empty for Daybook's own, and where it has none. */
function beside<M extends { readonly contender: string }>(
  all: readonly M[],
  one: M,
  same: (other: M) => boolean,
  value: (measured: M) => number,
): string {
  const ours = all.find((other) => other.contender === 'Daybook' && same(other));
  return ours && ours !== one ? `× ${(value(one) / value(ours)).toFixed(2)}` : '';
}

const appendTable = (all: readonly Appends[]): string =>
  table(
    `events a bundle | books | server | bundles/s | events/s | × | p50 / p99 | ${BUSY}`,
    all.map((one) => {
      const same = (other: Appends): boolean => other.size === one.size && other.books === one.books;
      const ratio = beside(all, one, same, ({ bundlesPerSecond }) => bundlesPerSecond);
      return `${count(one.size)} | ${count(one.books)} | ${one.contender} | ${rate(one.bundlesPerSecond)} | ${rate(one.eventsPerSecond)} | ${ratio} | ${pair(one.times)} | ${busyCells(one.watched, one.acknowledged)}`;
    }),
  );

const fanOutTable = (all: readonly FanOut[]): string =>
  table(
    `readers | books | server | rounds | a reader, p50 / p99 | × of p99 | the last reader, p50 / p99 | ${BUSY}`,
    all.map((one) => {
      const same = (other: FanOut): boolean => other.readers === one.readers && other.books === one.books;
      const ratio = beside(all, one, same, ({ receipt }) => receipt.p99);
      return `${count(one.readers)} | ${count(one.books)} | ${one.contender} | ${one.rounds} | ${pair(one.receipt)} | ${ratio} | ${pair(one.last)} | ${busyCells(one.watched, one.receipt.count)}`;
    }),
  );

function firstSyncTable(all: readonly FirstSync[]): string {
  const line = (one: FirstSync, what: string, time: number, watched: Watched, ratio = ''): string =>
    `${count(one.events)} | ${one.contender} | ${what} | ${(time / 1_000).toFixed(1)} s | ${count((one.events * 1_000) / time)} | ${ratio} | ${busyCells(watched, one.messages)}`;
  return table(
    `events | server | what | time | events/s | × | ${BUSY}`,
    all.flatMap((one) => {
      const ratio = (fetch: (sync: FirstSync) => Fetch): string =>
        beside(
          all,
          one,
          ({ events }) => events === one.events,
          (sync) => sync.events / fetch(sync).millis,
        );
      return [
        line(
          one,
          'bytes alone',
          one.plain.millis,
          one.plain.watched,
          ratio(({ plain }) => plain),
        ),
        ...(one.gzipped
          ? [
              line(
                one,
                'bytes alone, gzip',
                one.gzipped.millis,
                one.gzipped.watched,
                ratio((s) => s.gzipped ?? s.plain),
              ),
            ]
          : []),
        ...(one.ingested ? [line(one, 'into the store', one.ingested.millis, one.ingested.watched)] : []),
      ];
    }),
  );
}

function wireTable(appends: readonly Appends[], firstSyncs: readonly FirstSync[]): string {
  const bytes = (value: number): string => (value < 100 ? value.toFixed(1) : count(value));
  const first = new Map(appends.filter(({ books }) => books === 1).map((one) => [`${one.contender} ${one.size}`, one]));
  return table('work | server | bytes an event | with gzip', [
    ...[...first.values()].map(
      ({ contender, size, bytesSent }) =>
        `sending a bundle of ${count(size)} | ${contender} | ${bytes(bytesSent / size)} | ${contender === 'Daybook' && size > 1 ? 'included' : ''}`,
    ),
    ...firstSyncs.map(
      ({ events, contender, plain, gzipped }) =>
        `reading ${count(events)} events | ${contender} | ${bytes(plain.received / events)} | ${gzipped ? bytes(gzipped.received / events) : ''}`,
    ),
  ]);
}

function memoryTable(
  appends: readonly Appends[],
  fanOuts: readonly FanOut[],
  firstSyncs: readonly FirstSync[],
): string {
  const line = (work: string, contender: string, idle: Memory | null, most: Memory | null): string =>
    `${work} | ${contender} | ${idle ? megabytes(idle.now) : ''} | ${most ? megabytes(most.peak) : ''}`;
  return table('work | server | idle | most', [
    ...appends
      .filter(({ size }) => size === 1_000)
      .map((one) =>
        line(`appends of 1,000 events, ${count(one.books)} books`, one.contender, one.idle, one.watched.memory),
      ),
    ...fanOuts.map((one) =>
      line(`${count(one.readers)} readers, ${count(one.books)} books`, one.contender, one.idle, one.watched.memory),
    ),
    ...firstSyncs.map((one) => line(`${count(one.events)} events taken and read`, one.contender, one.idle, one.after)),
  ]);
}
