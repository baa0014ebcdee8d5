/**
 * The least that a server can do with the same requests: nothing is stored, checked or compressed. What the load client comes
 * to against it is the most that it can come to against any server, and what sending to thousands costs without a program.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const followers = new Map<string, Set<ServerResponse>>();

function follow(path: string, response: ServerResponse): void {
  const all = followers.get(path) ?? new Set();
  followers.set(path, all);
  all.add(response);
  response.once('close', () => all.delete(response));
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write('event: control\ndata:{"streamNextOffset":"0"}\n\n');
}

function append(path: string, request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    response.writeHead(200, { 'Producer-Seq': request.headers['producer-seq'] }).end();
    const all = followers.get(path);
    if (!all) return;
    const body = Buffer.concat(chunks).toString();
    const frame = Buffer.from(`event: data\ndata:[${body}]\n\nevent: control\ndata:{"streamNextOffset":"1"}\n\n`);
    for (const follower of all) follower.write(frame);
  });
}

const server = createServer((request, response) => {
  const path = request.url!.split('?', 1)[0]!;
  if (request.method === 'POST') append(path, request, response);
  else follow(path, response);
});
server.keepAliveTimeout = 65_000;
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`Bare Node is at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`),
);
