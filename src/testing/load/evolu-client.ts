/** The load client of Evolu's relay: messages made, encrypted and read by Evolu's own functions, over its WebSocket. */
import { once, type EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Event } from '../../core/event.ts';
import { fromJsonText } from '../../core/value.ts';
import type { BookGenerator } from '../book-generator.ts';
import { bookToChange, changesOf, historyOf } from './bundles.ts';
import {
  loadEvolu,
  runOf,
  type CrdtMessage,
  type Evolu,
  type EvoluOwner,
  type EvoluStorage,
  type Run,
} from './evolu-packages.ts';
import type { BundleSize, Fetched, LoadClient, Target, Traffic } from './target.ts';

/** Messages of an upload that travel together. */
const UPLOAD_MESSAGES = 1_000;
const SUBSCRIBE = 1;
/** Where a protocol message says what it is: behind its version and the owner's id. */
const KIND_AT = 17;
const BROADCAST = 2;

interface WebSocket extends EventEmitter {
  send(message: Uint8Array): void;
  terminate(): void;
  readonly _socket: Socket;
}

interface Connection {
  readonly socket: WebSocket;
  readonly nodeId: string;
  readonly owner: EvoluOwner;
  /** What it will send next, made before the clock runs. */
  readonly ready: Uint8Array[];
}

type EvoluTarget = Extract<Target, { kind: 'evolu' }>;

export class EvoluClient implements LoadClient {
  readonly #target: EvoluTarget;
  readonly #evolu: Evolu;
  readonly #connect: (url: string) => WebSocket;
  readonly #owners = new Map<number, EvoluOwner>();
  readonly #connections = new Map<number, Promise<Connection>>();
  readonly #sockets: WebSocket[] = [];
  readonly #generator: BookGenerator = bookToChange(11);
  readonly #run: Run;
  /** What a reader that has nothing shows when it subscribes. */
  #nothing: Promise<EvoluStorage> | null = null;
  #millis = Date.now();

  static async open(target: EvoluTarget): Promise<EvoluClient> {
    const { WebSocket } = (await import(pathToFileURL(join(target.packages, 'node_modules/ws/wrapper.mjs')).href)) as {
      WebSocket: new (url: string, options: object) => WebSocket;
    };
    return new EvoluClient(
      target,
      await loadEvolu(target.packages),
      (url) => new WebSocket(url, { perMessageDeflate: false }),
    );
  }

  private constructor(target: EvoluTarget, evolu: Evolu, connect: (url: string) => WebSocket) {
    this.#target = target;
    this.#evolu = evolu;
    this.#connect = connect;
    this.#run = runOf(evolu, () => ':memory:');
  }

  async prepare(device: number, size: BundleSize, count: number): Promise<void> {
    const connection = await this.#connection(device);
    while (connection.ready.length < count) connection.ready.push(this.#seal(connection, size));
  }

  async write(device: number, size: BundleSize): Promise<void> {
    const connection = await this.#connection(device);
    await stored(connection.socket, connection.ready.pop() ?? this.#seal(connection, size));
  }

  async upload(device: number, events: number): Promise<number> {
    const connection = await this.#connection(device);
    let waiting: CrdtMessage[] = [];
    let messages = 0;
    const send = async (): Promise<void> => {
      messages += waiting.length;
      await stored(connection.socket, this.#message(connection.owner, waiting));
      waiting = [];
    };
    for (const { events: some } of historyOf(events)) {
      for (const row of this.#rows(some, connection.nodeId)) {
        waiting.push(row);
        if (waiting.length === UPLOAD_MESSAGES) await send();
      }
    }
    if (waiting.length > 0) await send();
    return messages;
  }

  async follow(device: number, arrived: () => void): Promise<void> {
    const { socket, owner } = await this.#connection(device);
    const evolu = this.#evolu;
    this.#nothing ??= this.#emptyStorage();
    const storage = await this.#nothing;
    await asked(socket, evolu.createProtocolMessageForSync({ ...this.#run.deps, storage })(owner.id, SUBSCRIBE));
    socket.on('message', (message: Buffer) => {
      if (message[KIND_AT] === BROADCAST) arrived();
    });
  }

  /** As Evolu does it: both sides compare ranges of timestamps, which the client keeps in SQLite, until they are alike. */
  async fetchAll(device: number): Promise<Fetched> {
    const { socket, owner } = await this.#connection(device);
    const evolu = this.#evolu;
    const before = this.traffic().received;
    const run = this.#run;
    const storage = await this.#emptyStorage();
    const start = performance.now();
    let next = evolu.createProtocolMessageForSync({ ...run.deps, storage })(owner.id);
    for (;;) {
      const [answer] = await asked(socket, next);
      const applied = await run.create({ ...run.deps, storage })(
        evolu.applyProtocolMessageAsClient(new Uint8Array(answer), { writeKey: owner.writeKey }),
      );
      if (!applied.ok) throw new Error(`Evolu does not take the answer: ${JSON.stringify(applied.error)}`);
      const result = applied.value as { type: string; message: Uint8Array };
      if (result.type !== 'Response') break;
      next = result.message;
    }
    return {
      millis: performance.now() - start,
      messages: storage.getSize(evolu.ownerIdToOwnerIdBytes(owner.id)),
      received: this.traffic().received - before,
    };
  }

  traffic(): Traffic {
    let sent = 0;
    let received = 0;
    for (const { _socket } of this.#sockets) {
      sent += _socket.bytesWritten;
      received += _socket.bytesRead;
    }
    return { sent, received };
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  #connection(device: number): Promise<Connection> {
    const connection = this.#connections.get(device) ?? this.#open(device);
    this.#connections.set(device, connection);
    return connection;
  }

  async #open(device: number): Promise<Connection> {
    const socket = this.#connect(this.#target.url);
    socket.setMaxListeners(0);
    await once(socket, 'open');
    this.#sockets.push(socket);
    const nodeId = this.#evolu.bytesToHex(this.#evolu.createRandomBytes().create(8));
    return { socket, nodeId, owner: this.#ownerOf(device % this.#target.books), ready: [] };
  }

  #ownerOf(book: number): EvoluOwner {
    const owner = this.#owners.get(book) ?? this.#evolu.createAppOwner(Buffer.from(this.#target.secrets[book]!, 'hex'));
    this.#owners.set(book, owner);
    return owner;
  }

  #seal({ owner, nodeId }: Connection, size: BundleSize): Uint8Array {
    return this.#message(owner, this.#rows(changesOf(this.#generator, size), nodeId));
  }

  #message(owner: EvoluOwner, rows: readonly CrdtMessage[]): Uint8Array {
    return this.#evolu.createProtocolMessageFromCrdtMessages({ randomBytes: this.#evolu.createRandomBytes() })(
      owner,
      rows,
    );
  }

  /** The same changes as Evolu has them: one message a row, however many of its columns change. */
  #rows(events: readonly Event[], nodeId: string): CrdtMessage[] {
    const rows = new Map<string, Record<string, string | number | null>>();
    for (const { entityId, attribute, value } of events) {
      const row = rows.get(entityId) ?? {};
      rows.set(entityId, row);
      const plain = fromJsonText(value);
      row[attribute] =
        typeof plain === 'string' || typeof plain === 'number' || plain === null ? plain : JSON.stringify(plain);
    }
    const evolu = this.#evolu;
    return [...rows.values()].map((values) => ({
      timestamp: evolu.createTimestamp({ millis: (this.#millis += 1), counter: 0, nodeId }),
      change: {
        table: 'contacts',
        id: evolu.createId({ randomBytes: evolu.createRandomBytes() }),
        values,
        isInsert: true,
        isDelete: null,
      },
    }));
  }

  /** A client's storage that holds nothing, in memory. */
  async #emptyStorage(): Promise<EvoluStorage> {
    const evolu = this.#evolu;
    const sqlite = await this.#run.orThrow(evolu.createSqlite(evolu.Name.orThrow('client')));
    const deps = { ...this.#run.deps, sqlite };
    evolu.createBaseSqliteStorageTables(deps);
    evolu.createRelayStorageTables(deps);
    return evolu.createRelaySqliteStorage(deps)({ isOwnerWithinQuota: () => true });
  }
}

async function asked(socket: WebSocket, message: Uint8Array): Promise<[Buffer]> {
  const answer = once(socket, 'message') as Promise<[Buffer]>;
  socket.send(message);
  return answer;
}

/** Sends a request with messages; the relay's answer is an acknowledgement when it says that there was no error. */
async function stored(socket: WebSocket, message: Uint8Array): Promise<void> {
  const [answer] = await asked(socket, message);
  if (answer[KIND_AT] !== 1 || answer[KIND_AT + 1] !== 0) throw new Error('Evolu did not store a message');
}
