import type { BookId, ClientId, UserId } from '../../core/ids.ts';

export type Role = 'owner' | 'member';

/** The device that a request comes from, as its token says. */
export interface Caller {
  readonly clientId: ClientId;
  readonly userId: UserId;
  /** The book that its user belongs to, and as what. */
  readonly bookId: BookId;
  readonly role: Role;
}
