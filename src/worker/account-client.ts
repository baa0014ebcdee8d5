/** The account API of a server, as seen from a device. Every call settles: it has a time limit, and each failure is a ServerError. */
import type { ClientId } from '../core/ids.ts';
import { err, ok, type Result } from '../core/result.ts';
import {
  ApiError,
  Device,
  DeviceList,
  Link,
  Membership,
  RenewedToken,
  ServerInfo,
  type ApiErrorCode,
  type ClaimRequest,
  type JoinRequest,
  type LinkRequest,
} from '../protocol/account.ts';
import type { ServerError } from '../protocol/worker.ts';
import * as v from 'valibot';

const LIMIT_MILLIS = 15_000;

type Answer<T> = Promise<Result<T, ServerError>>;
type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * What a person typed as the address of a server, as an origin: `https://` unless it says otherwise, or names this
 * computer. Null when it is no address at all.
 */
export function serverOrigin(typed: string): string | null {
  const text = typed.trim();
  const local = /^(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/i.test(text);
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `${local ? 'http' : 'https'}://${text}`);
  return url && (url.protocol === 'https:' || url.protocol === 'http:') && url.hostname !== '' ? url.origin : null;
}

export class AccountClient {
  readonly #origin: string;
  readonly #home: string;
  readonly #fetch: Fetch;

  /**
   * @param origin as `serverOrigin` gives it
   * @param home origin that this app came from
   */
  constructor(origin: string, home: string, fetch: Fetch = (url, init) => globalThis.fetch(url, init)) {
    this.#origin = origin;
    this.#home = home;
    this.#fetch = fetch;
  }

  info(): Answer<ServerInfo> {
    return this.#ask(ServerInfo, 'GET', '/v1/server', null);
  }

  claim(request: ClaimRequest): Answer<Membership> {
    return this.#ask(Membership, 'POST', '/v1/claim', null, request);
  }

  join(request: JoinRequest): Answer<Membership> {
    return this.#ask(Membership, 'POST', '/v1/join', null, request);
  }

  async renewToken(token: string): Answer<string> {
    const answer = await this.#ask(RenewedToken, 'POST', '/v1/token', token);
    return answer.ok ? ok(answer.value.token) : answer;
  }

  createLink(token: string, request: LinkRequest): Answer<Link> {
    return this.#ask(Link, 'POST', '/v1/links', token, request);
  }

  async devices(token: string): Answer<readonly Device[]> {
    const answer = await this.#ask(DeviceList, 'GET', '/v1/devices', token);
    return answer.ok ? ok(answer.value.devices) : answer;
  }

  renameDevice(token: string, clientId: ClientId, name: string): Answer<Device> {
    return this.#ask(Device, 'PATCH', `/v1/devices/${clientId}`, token, { name });
  }

  async revokeDevice(token: string, clientId: ClientId): Answer<null> {
    return this.#ask(v.null(), 'DELETE', `/v1/devices/${clientId}`, token);
  }

  async #ask<T>(
    schema: v.GenericSchema<unknown, T>,
    method: string,
    path: string,
    token: string | null,
    body?: unknown,
  ): Answer<T> {
    let status: number;
    let text: string;
    try {
      const response = await this.#fetch(this.#origin + path, {
        method,
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        cache: 'no-store',
        credentials: 'omit',
        signal: AbortSignal.timeout(LIMIT_MILLIS),
      });
      status = response.status;
      text = await response.text();
    } catch {
      return err({ kind: 'unreachable', message: this.#unreachable() });
    }
    const json = parse(text);
    if (status >= 200 && status < 300) {
      const answer = v.safeParse(schema, json);
      return answer.success ? ok(answer.output) : err(this.#notDaybook());
    }
    const refusal = v.safeParse(ApiError, json);
    return err(refusal.success ? refused(refusal.output.error.code, refusal.output.error.message) : this.#notDaybook());
  }

  get #host(): string {
    return new URL(this.#origin).host;
  }

  /** Browsers do not tell a network that is not there from an app that may not ask this server (CSP here, CORS there). */
  #unreachable(): string {
    if (this.#origin === this.#home) return `${this.#host} cannot be reached. Check the address and the network.`;
    return (
      `${this.#host} cannot be reached from here. Check the address and the network, or open ${this.#origin} in the browser: ` +
      `this app came from ${new URL(this.#home).host}, and reaches another server only where the keepers of both allow it.`
    );
  }

  #notDaybook(): ServerError {
    return { kind: 'notDaybook', message: `What answers at ${this.#host} is not a Daybook server.` };
  }
}

/** Null for an empty body, undefined for what is not JSON. */
function parse(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(code: ApiErrorCode, message: string): ServerError {
  switch (code) {
    case 'wrongCode':
    case 'gone':
      return { kind: 'wrongCode', message };
    case 'unauthorized':
      return { kind: 'notLinked', message };
    case 'badRequest':
    case 'forbidden':
    case 'trimmed':
    case 'notFound':
    case 'conflict':
    case 'tooLarge':
    case 'tooMany':
    case 'storageFull':
    case 'notSupported':
    case 'internal':
      return { kind: 'refused', message };
  }
}
