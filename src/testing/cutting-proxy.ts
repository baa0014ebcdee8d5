/** A TCP proxy before a server that can lose replies: what the server did is done, and its client never hears of it. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export class CuttingProxy {
  readonly url: string;
  readonly #server: ReturnType<typeof createServer>;
  readonly #sockets = new Set<Socket>();
  #target: number;
  #onAppend: (() => void) | null = null;
  /** How many replies to appends were lost. */
  cut = 0;

  private constructor(server: ReturnType<typeof createServer>, target: number) {
    this.#server = server;
    this.#target = target;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (client: Socket) => this.#serve(client));
  }

  static async start(target: number): Promise<CuttingProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new CuttingProxy(server, target);
  }

  /** From now on leads to another port: a server that was started again. */
  pointTo(port: number): void {
    this.#target = port;
  }

  /** Loses the reply to the next append: `done` is called when the server has sent it, and no byte of it goes on. */
  loseNextReply(done: () => void = () => {}): void {
    this.#onAppend = done;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #serve(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1');
    this.#sockets.add(client).add(server);
    let isAppend = false;
    const end = (): void => {
      client.destroy();
      server.destroy();
      this.#sockets.delete(client);
      this.#sockets.delete(server);
    };
    client.on('data', (chunk: Buffer) => {
      isAppend ||= chunk.includes('POST /v1/books/');
      server.write(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      if (isAppend && this.#onAppend) {
        const done = this.#onAppend;
        this.#onAppend = null;
        this.cut += 1;
        end();
        done();
        return;
      }
      isAppend = false;
      client.write(chunk);
    });
    for (const socket of [client, server]) socket.on('close', end).on('error', end);
  }
}
