/** The account of this device: how it comes to one, and what it may ask of its server. */
import type { Command } from '../core/command.ts';
import { parseId, type BookId, type ClientId, type EntityId, type UserId } from '../core/ids.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Device, Link, LinkRequest, Membership, ServerInfo } from '../protocol/account.ts';
import type { Account, ServerError, WorkerApi } from '../protocol/worker.ts';
import { serverOrigin, type AccountClient } from './account-client.ts';
import { accountOf, type Credentials } from './credentials.ts';

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
}

const notLinked: ServerError = { kind: 'notLinked', message: 'This device does not sync with a server.' };

export class Accounts {
  readonly #parts: AccountParts;
  #credentials: Credentials | null;
  #joining = false;
  #enrolling: Promise<void> = Promise.resolve();

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
    const renewed: Credentials = { serverUrl: credentials.serverUrl, membership: answer.value };
    await this.#parts.keep(renewed);
    this.#credentials = renewed;
    this.#nameDevice(clientId, answer.value.userId, name);
    return ok(renewed);
  }

  async disconnect(): Promise<Result<null, ServerError>> {
    // Forgotten durably first: should the tab die in between, the next start sees no account and unlinks the book.
    await this.#parts.keep(null);
    this.#credentials = null;
    this.#parts.link(null);
    return ok(null);
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
    const credentials: Credentials = { serverUrl: origin, membership: answer.value };
    await this.#parts.keep(credentials);
    this.#credentials = credentials;
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

  async #ask<T>(
    ask: (client: AccountClient, token: string) => Promise<Result<T, ServerError>>,
  ): Promise<Result<T, ServerError>> {
    if (!this.#credentials) return err(notLinked);
    const { serverUrl, membership } = this.#credentials;
    return ask(this.#parts.clientFor(serverUrl), membership.token);
  }
}
