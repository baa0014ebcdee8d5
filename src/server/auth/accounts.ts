/** People, their devices, books and memberships; how one becomes the owner, and how others join. */
import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { type BookId, type ClientId, mintId, type UserId } from '../../core/ids.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { ClaimRequest, JoinRequest, Link, LinkRequest, Membership } from '../../protocol/account.ts';
import type { Committer } from '../streams/sqlite/committer.ts';
import type { Caller, Role } from './caller.ts';
import { hashCode, hashToken, isSameHash, newLinkCode, newSetupCode, newToken } from './secrets.ts';
import { prepareAccounts, type AccountStatements, type CodeRow } from './statements.ts';

/** How long a link's code can be used. */
export const LINK_MILLIS = 2 * 60_000;
/** How long a setup code of a server that has an owner can be used. */
export const RECOVERY_MILLIS = 60 * 60_000;
/** How long after a claim the same device may claim again, because the answer never reached it. */
export const CLAIM_AGAIN_MILLIS = 10 * 60_000;

export type EntryError =
  /** No such code, or used, expired or replaced: the caller is not told which. */
  | 'wrongCode'
  /** The server has an owner, and there was no code. */
  | 'claimed'
  /** The device's id is in use by another person's device. */
  | 'deviceTaken'
  /** The link is for a new person, who has to say a name. */
  | 'nameNeeded';

/** A device that its token was found to be of. */
export interface Known {
  readonly caller: Caller;
  /** Whether the token was renewed and has not been used yet: the one before it is still good. */
  readonly isNext: boolean;
}

export class Accounts {
  readonly #sql: AccountStatements;
  readonly #committer: Committer;
  readonly #now: () => number;

  /** @param now the server's clock, Unix milliseconds */
  constructor(db: DatabaseSync, committer: Committer, now: () => number) {
    this.#sql = prepareAccounts(db);
    this.#committer = committer;
    this.#now = now;
  }

  /** Whether somebody owns this server. */
  isClaimed(): boolean {
    return this.#sql.ownerAndBook() !== null;
  }

  /** Draws a new setup code; earlier ones that nobody used are worth nothing from now on. */
  newSetupCode(): Promise<string> {
    const code = newSetupCode();
    return this.#committer.run(() => {
      const now = this.#now();
      this.#sql.dropUnusedSetupCodes();
      this.#sql.insertCode(
        hashCode(code),
        'setup',
        null,
        null,
        null,
        now,
        this.isClaimed() ? now + RECOVERY_MILLIS : null,
      );
      return code;
    });
  }

  /**
   * Makes the device the owner's first one or, on a server that has an owner, another device of theirs in their book.
   * The same device may repeat its claim for a while: it gets a fresh token, so a lost answer locks nobody out.
   * @param onTrust whether the caller may claim an unclaimed server without a code (loopback)
   */
  claim(request: ClaimRequest, onTrust: boolean): Promise<Result<Membership, EntryError>> {
    return this.#committer.run(() => {
      const now = this.#now();
      const existing = this.#sql.ownerAndBook();
      const { clientId } = request.device;
      const code = request.setupCode === null ? null : this.#usableCode(request.setupCode, clientId, ['setup']);
      if (request.setupCode !== null && !code) return err('wrongCode');
      if (!code && !onTrust) return err('wrongCode');
      if (!code && existing && !this.#claimedJustNow(clientId, now)) return err('claimed');

      if (this.#isTaken(clientId, existing?.user_id ?? null)) return err('deviceTaken');
      const userId = existing?.user_id ?? this.#newUser(request.person.name, now);
      const bookId = existing?.book_id ?? this.#newBook(request.bookId, userId, now);
      const token = this.#enrol(clientId, userId, request.device.name, now);
      if (code) this.#sql.useCode(now, clientId, code.code_hash);
      // One that was printed and not needed must not lie about for somebody to find.
      this.#sql.dropUnusedSetupCodes();
      return ok({ userId, clientId, bookId, role: 'owner', token });
    });
  }

  /** A one-time code for another device of the caller, or for somebody else. */
  createLink(caller: Caller, request: LinkRequest): Promise<Link> {
    const code = newLinkCode();
    return this.#committer.run(() => {
      const now = this.#now();
      const expiresAt = now + LINK_MILLIS;
      this.#sql.dropOldCodes(now - CLAIM_AGAIN_MILLIS);
      this.#sql.insertCode(hashCode(code), request.for, caller.userId, caller.bookId, caller.clientId, now, expiresAt);
      return { code, expiresAt };
    });
  }

  /**
   * Spends a link's code. The same device may present it again until it expires: it gets a fresh token in place of the
   * first, so a lost answer locks nobody out.
   */
  join(request: JoinRequest): Promise<Result<Membership, EntryError>> {
    return this.#committer.run(() => {
      const now = this.#now();
      const { clientId, name } = request.device;
      const code = this.#usableCode(request.code, clientId, ['device', 'person']);
      if (!code?.user_id || !code.book_id) return err('wrongCode');

      // Spent already: this is the device that spent it, and the person it came in as.
      const returning = code.used_at === null ? null : this.#sql.device(clientId)!.user_id;
      const known = code.kind === 'device' ? code.user_id : returning;
      if (known === null && !request.person) return err('nameNeeded');
      if (this.#isTaken(clientId, known)) return err('deviceTaken');
      const userId = known ?? this.#newUser(request.person!.name, now);
      const token = this.#enrol(clientId, userId, name, now);
      if (code.kind === 'person') this.#sql.insertMembership(code.book_id, userId, 'member');
      const role: Role = this.#sql.role(code.book_id, userId)?.role ?? 'member';
      this.#sql.useCode(now, clientId, code.code_hash);
      return ok({ userId, clientId, bookId: code.book_id, role, token });
    });
  }

  /** Whose token this is; null when it is nobody's or was revoked. */
  callerOf(token: string): Known | null {
    const hash = hashToken(token);
    const row = this.#sql.deviceByToken(hash);
    if (!row || row.revoked_at !== null) return null;
    const isNext = row.next_token_hash !== null && isSameHash(row.next_token_hash, hash);
    if (!isNext && !isSameHash(row.token_hash, hash)) return null;
    const caller = { clientId: row.client_id, userId: row.user_id, bookId: row.book_id, role: row.role };
    return { caller, isNext };
  }

  /**
   * A fresh token for the caller. The one in use stays good until the fresh one is first used, so a lost answer locks nobody
   * out; asked again before that, the first answer's token is worth nothing. Null: the device was revoked meanwhile.
   */
  renewToken({ clientId }: Caller): Promise<string | null> {
    const token = newToken();
    return this.#committer.run(() => (this.#sql.setNextToken(hashToken(token), clientId) === 1 ? token : null));
  }

  /** The first use of a renewed token: from now on it is the device's only one. */
  takeRenewed(token: string): Promise<unknown> {
    return this.#committer.run(() => this.#sql.takeNextToken(hashToken(token)));
  }

  /** The role of a user in a book; null when it is none of theirs, or there is no such book. */
  roleIn(bookId: BookId, userId: UserId): Role | null {
    return this.#sql.role(bookId, userId)?.role ?? null;
  }

  /** The live code that `text` names: unused and in time, or used by this very device, which has not been revoked since. */
  #usableCode(text: string, clientId: ClientId, kinds: readonly CodeRow['kind'][]): CodeRow | null {
    const now = this.#now();
    const hash = hashCode(text);
    const code = this.#sql.code(hash);
    if (!code || !isSameHash(code.code_hash, hash) || !kinds.includes(code.kind)) return null;
    if (code.expires_at !== null && code.expires_at <= now) return null;
    if (code.used_at === null) return code;
    const again = code.used_by === clientId && now - code.used_at < CLAIM_AGAIN_MILLIS;
    return again && this.#sql.device(clientId)?.revoked_at === null ? code : null;
  }

  #claimedJustNow(clientId: ClientId, now: number): boolean {
    const device = this.#sql.device(clientId);
    if (!device || device.revoked_at !== null || now - device.created_at >= CLAIM_AGAIN_MILLIS) return false;
    return device.user_id === this.#sql.ownerAndBook()?.user_id;
  }

  #newUser(name: string, now: number): UserId {
    const userId = mintId<UserId>(now, randomBytes);
    this.#sql.insertUser(userId, name, now);
    return userId;
  }

  #newBook(bookId: BookId, owner: UserId, now: number): BookId {
    this.#sql.insertBook(bookId, now);
    this.#sql.insertMembership(bookId, owner, 'owner');
    return bookId;
  }

  /**
   * Whether the device is in use by another person than `userId` (null: by anybody). Ids of devices are no secret, so a code
   * must not turn one person's device into another's; a revoked one may come back under any.
   */
  #isTaken(clientId: ClientId, userId: UserId | null): boolean {
    const device = this.#sql.device(clientId);
    return device !== null && device.revoked_at === null && device.user_id !== userId;
  }

  /** Enters a device with a fresh token, in place of any that it had. */
  #enrol(clientId: ClientId, userId: UserId, name: string, now: number): string {
    const token = newToken();
    this.#sql.putDevice(clientId, userId, name, hashToken(token), now);
    return token;
  }
}
