/** What must hold at the end of a simulation, when all works again and all is quiet. */
import { MAX_AHEAD_MILLIS } from '../core/clock.ts';
import { attributeKey, reduceLog } from '../core/reduce.ts';
import { canonicalDump, LOCAL_TABLES } from './canonical-dump.ts';
import { naiveBook, nameOf } from './naive-book.ts';
import type { Tally } from './own-server.ts';
import type { SimulatedClient } from './simulated-client.ts';
import type { Course } from './simulated-course.ts';
import type { SimulatedServer } from './simulated-server.ts';

export interface Ending {
  readonly clients: readonly SimulatedClient[];
  readonly server: SimulatedServer;
  /** The same, where it has snapshots. */
  readonly keeper: { readonly tally: Readonly<Tally> } | null;
  readonly serverMillis: number;
  readonly course: Course;
}

/** Tells the course what does not hold. */
export function lookAt(ending: Ending): void {
  const { clients, keeper, course } = ending;
  // All that can be compared with the stream is, where somebody has all history.
  const whole = clients.find((client) => client.completeSince === null);
  const first = whole ?? clients[0]!;
  const dump = canonicalDump(first.file);
  for (const client of clients) {
    lookAtDevice(client, ending);
    const comparesAll = whole !== undefined && client.completeSince === null;
    for (const [i, text] of canonicalDump(client.file).entries()) {
      if (text !== dump[i] && (comparesAll || !LOCAL_TABLES.has(i)))
        course.problem(`${client.name} differs from ${first.name}`);
    }
    lookAtHistory(client, course);
  }
  if (keeper && !course.logLost) lookAtUnhurtLog(ending);
  // One with all history, and one without, where there are.
  const late = clients.find((client) => client.completeSince !== null);
  for (const client of [whole, late]) {
    if (!client) continue;
    compareWithLog(client, course);
    compareWithStream(client, ending);
    hearAgain(client, ending);
  }
}

/** Nothing waits, nothing is held back that need not be, and the device says so. */
function lookAtDevice(client: SimulatedClient, { serverMillis, course }: Ending): void {
  const { waiting, quarantined, rejected } = client.store.sync.counts();
  if (waiting > 0) course.problem(`${client.name} still has ${waiting} changes to send`);
  if (rejected > 0) course.problem(`${client.name} has ${rejected} changes among the dead letters`);
  if (quarantined > course.quarantined)
    course.problem(`${client.name} holds ${quarantined} in quarantine, ${course.quarantined} expected`);
  const expected = quarantined > 0 ? ['attention'] : ['synced', 'clock'];
  if (!expected.includes(client.status.kind))
    course.problem(`${client.name} ends with ${JSON.stringify(client.status)}`);
  // [HLC-4] Whatever the stream holds, no clock runs away.
  const ahead = client.clockMillisAhead(serverMillis);
  if (ahead > MAX_AHEAD_MILLIS) course.problem(`the clock of ${client.name} is ${ahead} ms ahead of the server's`);
  const check = client.store.quickCheck();
  if (!check.ok) course.problem(`${client.name}: ${check.error}`);
}

/** Its history is there, and in it all that somebody was told is saved ([LOG-4]). */
function lookAtHistory(client: SimulatedClient, course: Course): void {
  if (client.store.sync.start() !== null) course.problem(`${client.name} has not come to the end of a snapshot`);
  if (client.store.sync.history() !== null) course.problem(`${client.name} has not fetched all history`);
  const there = new Map(client.events().map((event) => [event.id, event]));
  for (const saved of course.saved.values()) {
    const found = there.get(saved.id);
    if (!found) {
      // What is superseded may be missing before the time since when history is said to be complete: see compareWithStream.
      if (client.completeSince === null)
        course.problem(`${client.name} lacks ${saved.id}, which somebody was told is saved`);
    } else if (
      found.value !== saved.value ||
      found.attribute !== saved.attribute ||
      found.entityId !== saved.entityId
    ) {
      course.problem(`${client.name} holds another ${saved.id} than was saved`);
    }
  }
}

/** Where the log was never lost, nothing is told it twice ([SYNC-10]); where it lets go of nothing, all come to hold all ([SNAP-6]). */
function lookAtUnhurtLog({ clients, server, keeper, course }: Ending): void {
  if (keeper?.tally.trimmed === 0) {
    for (const { name, completeSince } of clients)
      if (completeSince !== null) course.problem(`${name} says that it has not all history, and all of it is there`);
  }
  // A request that the network made twice looks to a device as if a copy of it went by its name: it takes another one, and seals anew.
  if (course.copied || clients.some(isRenamed)) return;
  const { copies } = naiveBook(server.messages ?? [], Infinity);
  if (copies > 0) course.problem(`${copies} events are in the stream twice`);
}

const isRenamed = ({ file }: SimulatedClient): boolean =>
  file.get<{ n: number }>('SELECT count(*) AS n FROM clients WHERE self = 1')!.n > 1;

/** [LOG-1] What the store has kept up is what its log comes to, by the definition of core/reduce.ts. */
function compareWithLog(client: SimulatedClient, course: Course): void {
  const expected = reduceLog(client.log());
  const attributes = client.attributes();
  if (attributes.length !== expected.size) course.problem(`${attributes.length} attributes, ${expected.size} expected`);
  for (const { entityId, attribute, value } of attributes) {
    const winner = expected.get(attributeKey(entityId, attribute))?.winner;
    if (winner?.value !== value) course.problem(`${entityId} ${attribute} is ${value}, ${winner?.value} expected`);
  }
}

/** And it is what the server's stream comes to, in which every event is that was ever acknowledged. */
function compareWithStream(client: SimulatedClient, { server, serverMillis, course }: Ending): void {
  const { names, ids, values } = naiveBook(server.messages ?? [], serverMillis);
  for (const id of course.saved.keys()) if (!ids.has(id)) course.problem(`the server lacks ${id}, which was saved`);
  const here = new Set(client.log().map(nameOf));
  const since = client.completeSince;
  if (since === null && here.size !== names.size)
    course.problem(`${here.size} events here, ${names.size} in the stream`);
  for (const name of here)
    if (!names.has(name)) course.problem(`${client.name} holds ${name}, which is not in the stream`);
  // Before the time since when history is complete, what is missing is superseded: values are compared below.
  for (const [name, timestamp] of names)
    if (since !== null && timestamp >= since && !here.has(name))
      course.problem(`${client.name} lacks ${name}, and says that history is complete since ${since}`);
  const attributes = client.attributes();
  if (attributes.length !== values.size)
    course.problem(`${attributes.length} attributes, ${values.size} in the stream`);
  for (const { entityId, attribute, value } of attributes) {
    const expected = values.get(`${entityId} ${attribute}`);
    if (expected !== value) course.problem(`${entityId} ${attribute} is ${value}, and ${expected} in the stream`);
  }
}

/** Hearing everything once more, in order and in any other, changes nothing. */
function hearAgain(client: SimulatedClient, { server, serverMillis, course }: Ending): void {
  const before = canonicalDump(client.file);
  const messages = (server.messages ?? []).map((json) => JSON.parse(json) as unknown);
  for (const again of [messages, messages.toReversed()]) {
    const late = client.completeSince !== null;
    const { events } = client.store.sync.apply({ messages: again, cursor: null }, serverMillis);
    // Where history is not complete, some of it comes; nothing changes by that.
    if (events > 0 && !late) course.problem(`hearing it all again brought ${events} events`);
    if (canonicalDump(client.file).some((text, i) => text !== before[i] && !(late && LOCAL_TABLES.has(i))))
      course.problem('hearing it all again changed something');
  }
}
