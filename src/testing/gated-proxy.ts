/** An HTTP proxy before a server that keeps chosen requests waiting, knows what was asked for, and counts bytes on the wire. */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Ask {
  readonly method: string;
  /** With its query. */
  readonly path: string;
}

interface Held {
  readonly ask: Ask;
  readonly go: () => void;
}

export class GatedProxy {
  readonly url: string;
  /** Everything that was asked for, in order, held or not. */
  readonly asked: Ask[] = [];
  readonly #server: Server;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #closed = { fromClients: 0, toClients: 0 };
  #holds: (ask: Ask) => boolean = () => false;
  #held: readonly Held[] = [];

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.#port = port;
    this.url = `http://localhost:${(server.address() as AddressInfo).port}`;
    server.on('request', (ask: IncomingMessage, answer: ServerResponse) => this.#serve(ask, answer));
    server.on('connection', (socket: Socket) => this.#count(socket));
  }

  /** @param port of the server, on the loopback */
  static async start(port: number): Promise<GatedProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    return new GatedProxy(server, port);
  }

  /** What waits at this moment. */
  get held(): readonly Ask[] {
    return this.#held.map(({ ask }) => ask);
  }

  /** Bytes that went over connections of clients, headers included. */
  get bytes(): { readonly fromClients: number; readonly toClients: number } {
    let { fromClients, toClients } = this.#closed;
    for (const socket of this.#sockets) {
      fromClients += socket.bytesRead;
      toClients += socket.bytesWritten;
    }
    return { fromClients, toClients };
  }

  /** From now on keeps waiting what this says, and lets everything else go on. */
  hold(holds: (ask: Ask) => boolean): void {
    this.#holds = holds;
    const free = this.#held.filter(({ ask }) => !holds(ask));
    this.#held = this.#held.filter(({ ask }) => holds(ask));
    for (const { go } of free) go();
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #count(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      const { fromClients, toClients } = this.#closed;
      this.#closed = { fromClients: fromClients + socket.bytesRead, toClients: toClients + socket.bytesWritten };
    });
  }

  #serve(from: IncomingMessage, answer: ServerResponse): void {
    const { method = 'GET', url: path = '/', headers } = from;
    const ask: Ask = { method, path };
    this.asked.push(ask);
    const go = (): void => {
      const onward = request({ host: 'localhost', port: this.#port, method, path, headers }, (found) => {
        answer.writeHead(found.statusCode ?? 502, found.headers);
        // What is live is passed on as it comes.
        answer.flushHeaders();
        found.pipe(answer);
        found.on('error', () => answer.destroy());
      });
      onward.on('error', () => answer.destroy());
      answer.on('close', () => onward.destroy());
      from.pipe(onward);
      from.on('error', () => onward.destroy());
    };
    if (!this.#holds(ask)) return go();
    const held: Held = { ask, go };
    this.#held = [...this.#held, held];
    // Whoever gave up is waited for by nobody.
    answer.on('close', () => (this.#held = this.#held.filter((each) => each !== held)));
  }
}
