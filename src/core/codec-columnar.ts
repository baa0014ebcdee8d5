/**
 * The compact codec: events as columns, everything relative to what was written before it or stands in the bundle's
 * envelope, which itself costs nothing. Text is last and in one piece, so that it is decoded in one go.
 *
 * | part | holds |
 * |---|---|
 * | count | events |
 * | clients | ids of authors other than the envelope's client, 16 bytes each |
 * | nodes | clock nodes other than the envelope's, 8 bytes each |
 * | entities, attributes, choices | tables of ids (id-table.ts); choices are the ids that values hold |
 * | runs | stretches of events by one author, of one timestamp, whose ids count up by one |
 * | seen | timestamps in `previous` that are not those of a run |
 * | entity, attribute, previous | for each event, indexes into the tables |
 * | value | for each event, attribute by attribute: what kind, and how long |
 * | text | names of attributes, then values, attribute by attribute |
 */
import type { Bundle } from './bundle.ts';
import { ByteReader, ByteWriter, DecodeFailure, fold, unfold } from './bytes.ts';
import type { AttributeName, Event } from './event.ts';
import { bytesToHex, hexToBytes } from './hex.ts';
import { countUp, follows, readTable, readTail, Table, writeTable, writeTail } from './id-table.ts';
import { hexToId, idMillis, idToBytes, isUuid, type ClientId, type EntityId, type EventId } from './ids.ts';
import { readPrevious, readStamps, STAMP_BYTES, writePrevious, writeStamps } from './stamp-column.ts';
import { isTimestamp, millisOf, nodeOf, type NodeId, type Timestamp } from './timestamp.ts';
import { decodeText, encodeText } from './utf8.ts';
import { CHOICE_LENGTH, packValue, readValues, TextCursor, writeValues } from './value-column.ts';

/** The parts of a bundle's envelope that its payload leans on. */
export type Envelope = Pick<Bundle, 'clientId' | 'timestamp'>;

interface Run {
  readonly first: Event;
  length: number;
}

/** Least bytes that one run takes: its length, milliseconds and first id. */
const RUN_BYTES = 12;

/** The columns of `events`; null when there are none, or an id, a timestamp or a text is of a form that columns do not know. */
export function encodeColumnar(events: readonly Event[], envelope: Envelope): Uint8Array | null {
  if (events.length === 0 || !events.every(isRegular)) return null;
  const clients = new Table();
  const nodes = new Table();
  const entities = new Table();
  const attributes = new Table();
  const choices = new Table();
  clients.indexOf(envelope.clientId);
  nodes.indexOf(nodeOf(envelope.timestamp));

  const runs: Run[] = [];
  let before: Event | null = null;
  for (const event of events) {
    const run = runs.at(-1);
    if (
      run &&
      before &&
      event.timestamp === before.timestamp &&
      event.clientId === before.clientId &&
      follows(before.id, event.id)
    ) {
      run.length++;
    } else {
      runs.push({ first: event, length: 1 });
      clients.indexOf(event.clientId);
      nodes.indexOf(nodeOf(event.timestamp));
    }
    before = event;
  }
  const stamps = new Table();
  for (const run of runs) stamps.indexOf(run.first.timestamp);
  const own = stamps.entries.length;
  for (const event of events) for (const timestamp of event.previous) stamps.indexOf(timestamp);
  const seen = stamps.entries.slice(own) as Timestamp[];
  for (const timestamp of seen) nodes.indexOf(nodeOf(timestamp));

  const entityOf = events.map((event) => entities.indexOf(event.entityId));
  const attributeOf = events.map((event) => attributes.indexOf(event.attribute));
  const values = byAttribute(attributeOf, attributes.entries.length).map((index) =>
    packValue(events[index]!.value, choices),
  );

  const millis = millisOf(envelope.timestamp);
  const text: string[] = [];
  const writer = new ByteWriter();
  writer.uint(events.length);
  writer.sparse([clients.entries.length - 1]);
  for (const client of clients.entries.slice(1)) writer.raw(idToBytes(client as ClientId));
  writer.sparse([nodes.entries.length - 1]);
  for (const node of nodes.entries.slice(1)) writer.raw(hexToBytes(node));
  for (const table of [entities, attributes, choices]) writeTable(writer, table.entries, millis, text);

  // The last run has what is left.
  writer.sparse([runs.length - 1]);
  for (const run of runs.slice(0, -1)) writer.uint(run.length);
  writer.sparse(runs.map((run) => clients.indexOf(run.first.clientId)));
  writeStamps(
    writer,
    runs.map((run) => run.first.timestamp),
    millis,
    nodes,
  );
  writer.sparse(runs.map((run) => fold(idMillis(run.first.id) - millisOf(run.first.timestamp))));
  for (const run of runs) writeTail(writer, run.first.id);
  writer.sparse([seen.length]);
  writeStamps(writer, seen, millis, nodes);

  let last = 0;
  for (const entity of entityOf) {
    writer.int(entity - last);
    last = entity;
  }
  for (const attribute of attributeOf) writer.uint(attribute);
  writePrevious(writer, events, stamps);
  writeValues(writer, values);
  for (const value of values) text.push(value.text);
  writer.raw(encodeText(text.join('')));
  return writer.finish();
}

/** Reads what `encodeColumnar` wrote. Throws DecodeFailure; makes no more than `limits` allow. */
export function decodeColumnar(
  bytes: Uint8Array,
  envelope: Envelope,
  limits: { readonly events: number; readonly bytes: number },
): Event[] {
  const reader = new ByteReader(bytes).part('count');
  const count = reader.uint();
  if (count > limits.events)
    throw new DecodeFailure('tooLarge', 'count', `${count} events, and ${limits.events} are allowed`);
  const millis = millisOf(envelope.timestamp);

  reader.part('clients');
  const clients = [envelope.clientId];
  for (let left = reader.count(16); left > 0; left--) clients.push(hexToId<ClientId>(bytesToHex(reader.raw(16))));
  reader.part('nodes');
  const nodes = [nodeOf(envelope.timestamp)];
  for (let left = reader.count(8); left > 0; left--) nodes.push(bytesToHex(reader.raw(8)) as NodeId);
  const entities = onlyIds(reader, readTable(reader, 'entities', millis, count));
  const names = readTable(reader, 'attributes', millis, count);
  const choices = onlyIds(reader, readTable(reader, 'choices', millis, Math.floor(limits.bytes / CHOICE_LENGTH)));

  reader.part('runs');
  const runs = reader.count(RUN_BYTES) + 1;
  const lengths = Array.from({ length: runs - 1 }, () => reader.uint());
  lengths.push(count - lengths.reduce((sum, length) => sum + length, 0));
  if (lengths.some((length) => length <= 0)) return reader.fail('does not add up to the count');
  const authors = reader.sparse(runs).map((author) => clients[reader.index(author, clients.length)]!);
  const stamps = readStamps(reader, runs, millis, nodes);
  const idTimes = reader.sparse(runs);
  const firsts = stamps.map((timestamp, i) => readTail<EventId>(reader, millisOf(timestamp) + unfold(idTimes[i]!)));
  const seen = readStamps(reader.part('seen'), reader.count(STAMP_BYTES), millis, nodes);

  reader.part('entity');
  let entity = 0;
  const entityOf = Array.from({ length: count }, () => {
    entity += reader.int();
    return (entities[entity] ?? reader.fail(`refers to entry ${entity} of ${entities.length}`)) as EntityId;
  });
  reader.part('attribute');
  const attributeOf = Array.from({ length: count }, () => reader.index(reader.uint(), names.length));
  const previous = readPrevious(reader.part('previous'), count, [...new Set(stamps), ...seen]);
  const makeValues = readValues(reader.part('value'), count, choices, limits.bytes);

  const text = new TextCursor(decodeText(reader.raw(reader.left), 'text'));
  const attributes = names.map((name) => (typeof name === 'number' ? text.take(name) : name) as AttributeName);
  const grouped = makeValues(text);
  if (text.left > 0) throw new DecodeFailure('damaged', 'text', `${text.left} characters belong to nothing`);
  const values = grouped.slice();
  byAttribute(attributeOf, names.length).forEach((index, i) => (values[index] = grouped[i]!));

  const events: Event[] = [];
  for (let run = 0; run < runs; run++) {
    const clientId = authors[run]!;
    const timestamp = stamps[run]!;
    const ids = countUp(firsts[run]!, lengths[run]!) ?? reader.part('runs').fail('counts up beyond the last id');
    for (const id of ids) {
      const i = events.length;
      events.push({
        id,
        clientId,
        entityId: entityOf[i]!,
        attribute: attributes[attributeOf[i]!]!,
        value: values[i]!,
        timestamp,
        previous: previous[i]!,
      });
    }
  }
  return events;
}

/** Positions of events, those of the first attribute first: values of one attribute are alike and compress better together. */
function byAttribute(attributeOf: readonly number[], attributes: number): number[] {
  const groups: number[][] = Array.from({ length: attributes }, () => []);
  attributeOf.forEach((attribute, i) => groups[attribute]!.push(i));
  return groups.flat();
}

function isRegular(event: Event): boolean {
  return (
    isUuid(event.id) &&
    isUuid(event.clientId) &&
    isUuid(event.entityId) &&
    isTimestamp(event.timestamp) &&
    event.previous.every(isTimestamp) &&
    event.attribute.isWellFormed() &&
    event.value.isWellFormed()
  );
}

function onlyIds(reader: ByteReader, entries: readonly (string | number)[]): readonly string[] {
  return entries.every((entry) => typeof entry === 'string')
    ? entries
    : reader.fail('holds a name where only ids belong');
}
