import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Env } from './http/env.ts';
import { sendIfLive } from './http/live-answer.ts';
import type { Limits } from './limits.ts';

export interface Serving {
  readonly port: number;
  /**
   * Takes no more connections, ends live reads by way of `stopping`, and waits for the answers under way, at most as long
   * as the limits say.
   */
  stop(): Promise<void>;
}

/**
 * Listens. Rejects when it cannot, with the system's error code (EADDRINUSE, EACCES...).
 * @param host name or address; `localhost` means this machine over IPv4
 * @param port 0: any that is free
 */
export async function serve(
  app: Hono<Env>,
  host: string,
  port: number,
  limits: Limits,
  stopping: AbortController,
): Promise<Serving> {
  const listener = getRequestListener(
    async (request, env) => sendIfLive(await app.fetch(request, env), (env as Env['Bindings']).outgoing),
    { overrideGlobalObjects: false },
  );
  const server = createServer(
    {
      headersTimeout: limits.headersMillis,
      requestTimeout: limits.requestMillis,
      connectionsCheckingInterval: Math.min(5_000, limits.headersMillis),
      keepAliveTimeout: 65_000,
      maxHeaderSize: limits.headerBytes,
    },
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  // Live reads show that they are alive more often than that, and a long-poll is over sooner.
  server.setTimeout(limits.idleMillis);
  await listen(server, host === 'localhost' ? '127.0.0.1' : host, port);
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        const force = setTimeout(() => server.closeAllConnections(), limits.stopMillis);
        server.close(() => {
          clearTimeout(force);
          resolve();
        });
        stopping.abort();
        server.closeIdleConnections();
        // Kept-alive connections that become idle once their answer is out.
        const sweep = setInterval(() => server.closeIdleConnections(), 50);
        server.once('close', () => clearInterval(sweep));
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
