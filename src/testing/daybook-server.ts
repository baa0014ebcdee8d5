import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BookId, ClientId } from '../core/ids.ts';
import type { Link, Membership, RenewedToken } from '../protocol/account.ts';
import { streamPath } from '../protocol/account.ts';
import type { Config } from '../server/config.ts';
import { type Context, makeContext, openData } from '../server/context.ts';
import { makeApp } from '../server/http/app.ts';
import { LIMITS, type Limits } from '../server/limits.ts';
import { serve } from '../server/serve.ts';
import { checkAnswer } from './contract.ts';

export interface CallOptions {
  readonly token?: string;
  /** Sent as JSON, unless it is bytes or text. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A Daybook server over HTTP on a free loopback port, with data of its own. */
export class DaybookServer {
  readonly context: Context;
  readonly url: string;
  readonly #stop: () => Promise<void>;

  constructor(context: Context, url: string, stop: () => Promise<void>) {
    this.context = context;
    this.url = url;
    this.#stop = stop;
  }

  /** One request. Throws when its answer is not one that the OpenAPI document describes. */
  async call(method: string, path: string, { token, body, headers, signal }: CallOptions = {}): Promise<Response> {
    const isJson = body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array);
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(isJson && { 'Content-Type': 'application/json' }),
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: isJson ? JSON.stringify(body) : (body as string) }),
      ...(signal && { signal }),
    });
    await checkAnswer(method, path, response);
    return response;
  }

  /** Makes a new device the owner of this server. */
  async claim(): Promise<Membership> {
    return this.#admitted(await this.call('POST', '/v1/claim', { body: claimBody() }));
  }

  /** Links a new device: the caller's own, or of a new person. */
  async link(by: Membership, to: 'device' | 'person', clientId = newClientId()): Promise<Membership> {
    const { code } = await this.newLink(by, to);
    return this.#admitted(await this.call('POST', '/v1/join', { body: joinBody(code, clientId) }));
  }

  async newLink(by: Membership, to: 'device' | 'person'): Promise<Link> {
    const response = await this.call('POST', '/v1/links', { token: by.token, body: { for: to } });
    if (response.status !== 201) throw new Error(`no link: ${response.status}`);
    return (await response.json()) as Link;
  }

  /** A fresh token for the device whose token this is. */
  async renew(token: string): Promise<string> {
    const response = await this.call('POST', '/v1/token', { token });
    if (response.status !== 200) throw new Error(`not renewed: ${response.status}`);
    return ((await response.json()) as RenewedToken).token;
  }

  async revoke(by: Membership, device: Membership): Promise<void> {
    const response = await this.call('DELETE', `/v1/devices/${device.clientId}`, { token: by.token });
    if (response.status !== 204) throw new Error(`not revoked: ${response.status}`);
  }

  /** Appends bundles to the device's book as number `seq` of its epoch. */
  append(
    by: Membership,
    seq: number,
    bundles: readonly unknown[] = [bundleOf(by)],
    options: CallOptions = {},
  ): Promise<Response> {
    return this.call('POST', streamPath(by.bookId), {
      token: by.token,
      body: bundles,
      ...options,
      headers: { 'Producer-Id': by.clientId, 'Producer-Epoch': '0', 'Producer-Seq': String(seq), ...options.headers },
    });
  }

  /** Everything in the device's book. */
  async messages(by: Membership): Promise<SentBundle[]> {
    const found: SentBundle[] = [];
    for (let offset = '-1'; ;) {
      const response = await this.call('GET', `${streamPath(by.bookId)}?offset=${offset}`, { token: by.token });
      if (response.status !== 200) throw new Error(`no page: ${response.status}`);
      found.push(...((await response.json()) as SentBundle[]));
      if (response.headers.get('Stream-Up-To-Date') === 'true') return found;
      offset = response.headers.get('Stream-Next-Offset')!;
    }
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  async #admitted(response: Response): Promise<Membership> {
    if (response.status !== 200) throw new Error(`not admitted: ${response.status} ${await response.text()}`);
    return (await response.json()) as Membership;
  }
}

export interface ServerOptions {
  readonly config?: Partial<Config>;
  readonly limits?: Partial<Limits>;
  readonly now?: () => number;
}

/** Starts a server whose data is thrown away when it stops. */
export async function startDaybook({ config, limits, now = Date.now }: ServerOptions = {}): Promise<DaybookServer> {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-server-'));
  const settings: Config = {
    port: 0,
    host: 'localhost',
    dataFolder: folder,
    appFolder: join(folder, 'app'),
    behindProxy: false,
    origins: [],
    connect: [],
    retainMillis: null,
    log: 'quiet',
    ...config,
  };
  const bounds: Limits = { ...LIMITS, ...limits };
  const context = makeContext(settings, openData(folder), bounds, now);
  const serving = await serve(makeApp(context), settings.host, 0, bounds, context.stopping);
  return new DaybookServer(context, `http://localhost:${serving.port}`, async () => {
    await serving.stop();
    context.database.close();
    rmSync(folder, { recursive: true });
  });
}

export const newClientId = (): ClientId => randomUUID() as ClientId;

export const claimBody = (setupCode: string | null = null, clientId = newClientId()) => ({
  setupCode,
  person: { name: 'Ann' },
  device: { clientId, name: 'Phone' },
  bookId: randomUUID() as BookId,
});

export const joinBody = (code: string, clientId = newClientId()) => ({
  code,
  device: { clientId, name: 'Laptop' },
  person: { name: 'Ben' },
});

export interface SentBundle {
  readonly id: string;
  readonly version: number;
  readonly bookId: string;
  readonly userId: string;
  readonly clientId: string;
  readonly timestamp: string;
  readonly payload: string;
}

/** A bundle as `by` may send it; what is inside is nothing to the server. */
export const bundleOf = (by: Membership, id: string = randomUUID()): SentBundle => ({
  id,
  version: 1,
  bookId: by.bookId,
  userId: by.userId,
  clientId: by.clientId,
  timestamp: '0'.repeat(32),
  payload: 'AAAA',
});
