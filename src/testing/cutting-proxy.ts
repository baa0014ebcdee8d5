/** A TCP proxy before a server that can lose requests, halves of requests, and replies to them. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Where a connection is lost: before any byte of the request, in its body, or with the reply, when what the server did is done. */
export type Where = 'request' | 'body' | 'reply';

interface Cut {
  /** Method and path of the request. */
  readonly request: RegExp;
  readonly where: Where;
  readonly done: () => void;
}

export class CuttingProxy {
  readonly url: string;
  readonly #server: ReturnType<typeof createServer>;
  readonly #sockets = new Set<Socket>();
  #target: number;
  #cut: Cut | null = null;
  /** How many connections were lost. */
  cut = 0;
  /** Method and path of every request that came. */
  readonly requests: string[] = [];

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
    this.loseNext(/^POST \/v1\/books\//, 'reply', done);
  }

  /** Loses the connection with the next such request, by its method and path: `done` is called when it is lost. */
  loseNext(request: RegExp, where: Where, done: () => void = () => {}): void {
    this.#cut = { request, where, done };
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #serve(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1');
    this.#sockets.add(client).add(server);
    /** Method and path of the request under way. */
    let request = '';
    const end = (): void => {
      client.destroy();
      server.destroy();
      this.#sockets.delete(client);
      this.#sockets.delete(server);
    };
    /** Whether the request under way is to be lost there; then nobody else is. */
    const isLost = (where: Where): (() => void) | null => {
      const cut = this.#cut;
      if (cut?.where !== where || !cut.request.test(request)) return null;
      this.#cut = null;
      this.cut += 1;
      return () => {
        end();
        cut.done();
      };
    };
    client.on('data', (chunk: Buffer) => {
      const line = /^([A-Z]+ \/\S*) HTTP\/1\.1\r\n/.exec(chunk.subarray(0, 1_000).toString('latin1'))?.[1];
      if (line !== undefined) {
        request = line;
        this.requests.push(line);
        const lose = isLost('request');
        if (lose) return lose();
      }
      const head = line === undefined ? 0 : chunk.indexOf('\r\n\r\n') + 4;
      const lose = chunk.length > head ? isLost('body') : null;
      if (lose) {
        client.pause();
        server.write(chunk.subarray(0, (head + chunk.length) >> 1), lose);
      } else server.write(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      const lose = isLost('reply');
      if (lose) return lose();
      request = '';
      client.write(chunk);
    });
    for (const socket of [client, server]) socket.on('close', end).on('error', end);
  }
}
