/** An HTTP proxy before a server that refuses large requests, as nginx does unless `client_max_body_size` says otherwise. */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export class StrictProxy {
  readonly url: string;
  /** Bodies of more bytes are refused. */
  maxBytes = Infinity;
  /** How many requests were refused. */
  refused = 0;
  readonly #server: Server;
  readonly #port: number;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.#port = port;
    this.url = `http://localhost:${(server.address() as AddressInfo).port}`;
    server.on('request', (ask: IncomingMessage, answer: ServerResponse) => this.#serve(ask, answer));
  }

  /** @param port of the server, on the loopback */
  static async start(port: number): Promise<StrictProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    return new StrictProxy(server, port);
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #serve(ask: IncomingMessage, answer: ServerResponse): void {
    const chunks: Buffer[] = [];
    ask.on('data', (chunk: Buffer) => chunks.push(chunk));
    ask.on('end', () => {
      const body = Buffer.concat(chunks);
      if (body.length > this.maxBytes) {
        this.refused += 1;
        answer.writeHead(413, { 'Content-Type': 'text/html' });
        answer.end('<html><head><title>413 Request Entity Too Large</title></head></html>');
        return;
      }
      const { method, url, headers } = ask;
      const onward = request({ host: 'localhost', port: this.#port, method, path: url, headers }, (found) => {
        answer.writeHead(found.statusCode ?? 502, found.headers);
        // What is live is passed on as it comes.
        answer.flushHeaders();
        found.pipe(answer);
        found.on('error', () => answer.destroy());
      });
      onward.on('error', () => answer.destroy());
      answer.on('close', () => onward.destroy());
      onward.end(body);
    });
    ask.on('error', () => answer.destroy());
  }
}
