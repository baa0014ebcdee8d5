/** The account of this device: how it comes to one, and what it may ask of its server. */
import type { Command } from '../core/command.ts';
import { parseId, type BookId, type ClientId, type EntityId, type UserId } from '../core/ids.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Device, Link, LinkRequest, Membership, ServerInfo } from '../protocol/account.ts';
import type { Account, ServerError, WorkerApi } from '../protocol/worker.ts';
import { serverOrigin, type AccountClient } from './account-client.ts';
import { accountOf, type Credentials } from './credentials.ts';
import { dropNext, isDue, takeNext, tokensOf, type Verdict } from './token-renewal.ts';

export interface AccountParts {
  /** Whether anything is kept in this window. */
  readonly lasting: boolean;
  readonly clientFor: (origin: string) => AccountClient;
  /** Keep the credentials, durably, or forget them (null). */
  readonly keep: (credentials: Credentials | null) => Promise<void>;
  readonly identity: () => { readonly bookId: BookId; readonly clientId: ClientId };
  /** From now on this book is that of the account (idempotent), and syncs; or that of none. */
  readonly link: (credentials: Credentials | null) => void;
  readonly execute: (command: Command) => void;
  /** Unix milliseconds, as this device believes. */
  readonly now: () => number;
}

/** How long after a try at renewal that came to nothing the next one is made. */
const RETRY_MILLIS = 60 * 60_000;

const notLinked: ServerError = { kind: 'notLinked', message: 'This device does not sync with a server.' };

const NOT_KEPT =
  'This browser could not keep what belongs to the account: most likely its storage is full. Make room, and try again.';

export class Accounts {
  readonly #parts: AccountParts;
  #credentials: Credentials | null;
  #joining = false;
  #enrolling: Promise<void> = Promise.resolve();
  /** What is kept is kept in order: credentials that were forgotten do not come back. */
  #keeping: Promise<unknown> = Promise.resolve();
  #renewing = false;
  #triedToRenewAt = -Infinity;

  constructor(parts: AccountParts, credentials: Credentials | null) {
    this.#parts = parts;
    this.#credentials = credentials;
  }

  account(): Account | null {
    return this.#credentials && accountOf(this.#credentials);
  }

  /** The book is another one, or this installation has another name: sync begins anew, where there is any. */
  relink(): void {
    if (this.#credentials) this.#parts.link(this.#credentials);
  }

  async probe(typed: string): Promise<Result<ServerInfo, ServerError>> {
    const server = this.#server(typed);
    return server.ok ? server.value.client.info() : server;
  }

  claim({ serverUrl, setupCode, personName, deviceName }: Parameters<WorkerApi['claim']>[0]) {
    const { bookId, clientId } = this.#parts.identity();
    const request = { setupCode, person: { name: personName }, device: { clientId, name: deviceName }, bookId };
    return this.#enter(serverUrl, deviceName, personName, (client) => client.claim(request));
  }

  join({ serverUrl, code, personName, deviceName }: Parameters<WorkerApi['join']>[0]) {
    const { clientId } = this.#parts.identity();
    const person = personName === null ? null : { name: personName };
    const request = { code, person, device: { clientId, name: deviceName } };
    return this.#enter(serverUrl, deviceName, personName, (client) => client.join(request));
  }

  createLink(request: LinkRequest): Promise<Result<Link, ServerError>> {
    return this.#ask((client, token) => client.createLink(token, request));
  }

  devices(): Promise<Result<readonly Device[], ServerError>> {
    return this.#ask((client, token) => client.devices(token));
  }

  async renameDevice(clientId: ClientId, name: string): Promise<Result<Device, ServerError>> {
    const renamed = await this.#ask((client, token) => client.renameDevice(token, clientId, name));
    if (renamed.ok) this.#nameDevice(clientId, renamed.value.userId, renamed.value.name);
    return renamed;
  }

  revokeDevice(clientId: ClientId): Promise<Result<null, ServerError>> {
    return this.#ask((client, token) => client.revokeDevice(token, clientId));
  }

  /**
   * The credentials with which this installation may append as `clientId`. When it has come to a new client id, the server
   * is made to know it first, as one more device of the same user.
   */
  enrol(clientId: ClientId): Promise<Result<Credentials, ServerError>> {
    // Both lanes of sync ask at once, so they take turns: a second token would make the first worthless.
    const turn = this.#enrolling.then(async () => {
      const credentials = this.#credentials;
      if (!credentials) return err(notLinked);
      return credentials.membership.clientId === clientId ? ok(credentials) : this.#enrolAnew(credentials, clientId);
    });
    this.#enrolling = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  async #enrolAnew(credentials: Credentials, clientId: ClientId): Promise<Result<Credentials, ServerError>> {
    const devices = await this.devices();
    if (!devices.ok) return devices;
    const name = devices.value.find((device) => device.self)?.name ?? 'Device';
    const link = await this.createLink({ for: 'device' });
    if (!link.ok) return link;
    const client = this.#parts.clientFor(credentials.serverUrl);
    const answer = await client.join({ code: link.value.code, device: { clientId, name }, person: null });
    if (!answer.ok) return answer;
    const renewed = this.#drawn(credentials.serverUrl, answer.value);
    const kept = await this.#keepIfRoom(() => renewed);
    if (!kept.ok) return kept;
    this.#nameDevice(clientId, answer.value.userId, name);
    return ok(renewed);
  }

  async disconnect(): Promise<Result<null, ServerError>> {
    // Forgotten durably first: should the tab die in between, the next start sees no account and unlinks the book.
    const forgotten = await this.#keepIfRoom(() => null);
    if (forgotten.ok) this.#parts.link(null);
    return forgotten;
  }

  /**
   * Becomes a device of an account. What the server answered is on disk before the book is linked, so that a tab that
   * dies in between is linked at its next start. When it dies before that, or the answer is lost, the same may be asked
   * again: for a while the server takes the same code from the same device, and gives it a new token.
   */
  async #enter(
    typed: string,
    deviceName: string,
    personName: string | null,
    ask: (client: AccountClient) => Promise<Result<Membership, ServerError>>,
  ): Promise<Result<Account, ServerError>> {
    const server = this.#server(typed);
    if (!server.ok) return server;
    if (!this.#parts.lasting) {
      return err({ kind: 'storage', message: 'Nothing is saved in this window, so it cannot be linked.' });
    }
    if (this.#joining) return err({ kind: 'refused', message: 'This device is being linked right now.' });
    this.#joining = true;
    try {
      const entered = await this.#credentialsFrom(server.value, ask);
      if (!entered.ok) return entered;
      const { userId, clientId } = entered.value.membership;
      this.#nameDevice(clientId, userId, deviceName);
      if (personName !== null) this.#namePerson(userId, personName);
      return ok(accountOf(entered.value));
    } finally {
      this.#joining = false;
    }
  }

  async #credentialsFrom(
    { client, origin }: { readonly client: AccountClient; readonly origin: string },
    ask: (client: AccountClient) => Promise<Result<Membership, ServerError>>,
  ): Promise<Result<Credentials, ServerError>> {
    const linked = this.#credentials;
    if (linked?.serverUrl === origin) {
      this.#parts.link(linked);
      return ok(linked);
    }
    if (linked) return err({ kind: 'refused', message: 'This device syncs with another server. Disconnect it first.' });
    const answer = await ask(client);
    if (!answer.ok) return answer;
    const credentials = this.#drawn(origin, answer.value);
    const kept = await this.#keepIfRoom(() => credentials);
    if (!kept.ok) return kept;
    this.#parts.link(credentials);
    return ok(credentials);
  }

  /** Names are records of the book, so that history can tell who did what on every device. */
  #nameDevice(clientId: ClientId, userId: UserId, name: string): void {
    const [client, user] = [parseId<EntityId>(clientId), parseId<EntityId>(userId)];
    if (client) this.#parts.execute({ kind: 'nameDevice', client, user, name });
  }

  #namePerson(userId: UserId, name: string): void {
    const user = parseId<EntityId>(userId);
    if (user) this.#parts.execute({ kind: 'namePerson', user, name });
  }

  #server(typed: string): Result<{ readonly client: AccountClient; readonly origin: string }, ServerError> {
    const origin = serverOrigin(typed);
    return origin === null
      ? err({ kind: 'unreachable', message: 'This is not the address of a server.' })
      : ok({ client: this.#parts.clientFor(origin), origin });
  }

  #ask<T>(
    ask: (client: AccountClient, token: string) => Promise<Result<T, ServerError>>,
  ): Promise<Result<T, ServerError>> {
    const serverUrl = this.#credentials?.serverUrl;
    if (serverUrl === undefined) return Promise.resolve(err(notLinked));
    const client = this.#parts.clientFor(serverUrl);
    return this.withToken(
      (token) => ask(client, token),
      (answer) => (answer.ok ? 'accepted' : answer.error.kind === 'notLinked' ? 'refused' : 'unknown'),
      err(notLinked),
    );
  }

  /**
   * Makes a call with this device's token. While a renewed one has not proven itself, that is tried first and the one before it
   * behind it; what the answers say of them is taken down. A token that goes out of use while the call is under way does no harm:
   * it is made again with the one that took its place.
   * @param otherwise the answer when this device has no account (any more)
   */
  async withToken<T>(run: (token: string) => Promise<T>, verdictOf: (outcome: T) => Verdict, otherwise: T): Promise<T> {
    const refused = new Set<string>();
    let outcome = otherwise;
    for (;;) {
      const token = tokensOf(this.#credentials).find((one) => !refused.has(one));
      if (token === undefined) return outcome;
      outcome = await run(token);
      const verdict = verdictOf(outcome);
      if (verdict === 'accepted') await this.#accepted(token, refused);
      if (verdict !== 'refused') return outcome;
      refused.add(token);
    }
  }

  async #accepted(token: string, refused: ReadonlySet<string>): Promise<void> {
    const { nextToken, membership } = this.#credentials ?? {};
    if (nextToken !== undefined && token === nextToken) {
      await this.#settle((credentials) => takeNext(credentials, token, this.#parts.now()));
    } else if (nextToken !== undefined && token === membership?.token && refused.has(nextToken)) {
      // The server never heard of it, or drew another one since: the old token is still the one.
      await this.#settle((credentials) => dropNext(credentials, nextToken));
    } else {
      void this.#renew();
    }
  }

  /** Keeps what became of a renewal. Should that fail, both tokens are kept still, and the next start finds out again. */
  async #settle(change: (credentials: Credentials) => Credentials): Promise<void> {
    if (this.#credentials) this.#credentials = change(this.#credentials);
    await this.#keep((credentials) => credentials && change(credentials)).catch((error: unknown) =>
      console.warn('A renewed token could not be kept:', error),
    );
  }

  /** Renews the token when that is due. The fresh one is on disk before it is used; whatever fails is tried again later. */
  async #renew(): Promise<void> {
    const credentials = this.#credentials;
    const now = this.#parts.now();
    if (!credentials || this.#renewing || !isDue(credentials, now)) return;
    if (Math.abs(now - this.#triedToRenewAt) < RETRY_MILLIS) return;
    this.#renewing = true;
    this.#triedToRenewAt = now;
    try {
      const { token } = credentials.membership;
      const answer = await this.#parts.clientFor(credentials.serverUrl).renewToken(token);
      if (!answer.ok) return;
      await this.#keep((current) =>
        current?.membership.token === token ? { ...current, nextToken: answer.value } : current,
      );
    } catch (error) {
      console.warn('A renewed token could not be kept:', error);
    } finally {
      this.#renewing = false;
    }
  }

  #drawn(serverUrl: string, membership: Membership): Credentials {
    return { serverUrl, membership, tokenSince: this.#parts.now() };
  }

  /** The browser keeps them apart from the book, in a place that may be full as well. */
  async #keepIfRoom(change: () => Credentials | null): Promise<Result<null, ServerError>> {
    try {
      await this.#keep(change);
      return ok(null);
    } catch (error) {
      console.warn('The account could not be kept:', error);
      return err({ kind: 'storage', message: NOT_KEPT });
    }
  }

  /** Resolves once what `change` makes of the credentials is on disk and in use. Rejects when it could not be kept. */
  #keep(change: (credentials: Credentials | null) => Credentials | null): Promise<void> {
    const turn = this.#keeping.then(async () => {
      const changed = change(this.#credentials);
      await this.#parts.keep(changed);
      this.#credentials = changed;
    });
    this.#keeping = turn.catch(() => undefined);
    return turn;
  }
}
