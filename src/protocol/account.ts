/**
 * The account and device API of a Daybook server: a small REST API beside the streams. Every body is JSON; every
 * error answers `ApiError`. Tokens travel in `Authorization: Bearer <token>` alone, never in a URL.
 *
 * | call | who | body -> answer |
 * |---|---|---|
 * | GET /v1/server | anyone | -> ServerInfo |
 * | GET /v1/time | anyone | -> ServerTime (no-store) |
 * | POST /v1/claim | setup code, or loopback on an unclaimed server | ClaimRequest -> Membership |
 * | POST /v1/token | a device | -> RenewedToken; the token that asked stays good until the fresh one is first used |
 * | POST /v1/links | a device | LinkRequest -> Link |
 * | POST /v1/join | a link's code | JoinRequest -> Membership |
 * | GET /v1/devices | a device | -> DeviceList |
 * | PATCH /v1/devices/{clientId} | a device of the same user, or the owner | DeviceName -> Device |
 * | DELETE /v1/devices/{clientId} | a device of the same user, or the owner | -> 204; revokes its token and live connections |
 * | GET /v1/books/{bookId}/bundles | a member's device | -> BundleIds |
 */
import type { BookId, BundleId, ClientId, UserId } from '../core/ids.ts';
import { parseId } from '../core/ids.ts';
import * as v from 'valibot';

const id = <T>() =>
  v.pipe(
    v.string(),
    v.check((text) => parseId(text) !== null, 'not a UUID'),
    v.transform((text) => text as T),
  );
const name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100));
/** 256 random bits, base64url. */
const token = v.pipe(v.string(), v.minLength(40), v.maxLength(100));
const millis = v.pipe(v.number(), v.integer(), v.minValue(0));

export const ServerInfo = v.object({
  product: v.literal('daybook'),
  protocol: v.number(),
  /** Whether somebody owns this server already. */
  claimed: v.boolean(),
  /** Whether this caller may claim it without the setup code (loopback, unclaimed). */
  claimableHere: v.boolean(),
});
export type ServerInfo = v.InferOutput<typeof ServerInfo>;

export const ServerTime = v.object({ millis });
export type ServerTime = v.InferOutput<typeof ServerTime>;

/** Makes the caller the owner of an unclaimed server, or, with a recovery code, gives an owner who lost every device a new one. */
export const ClaimRequest = v.object({
  /** The code that the server printed; null over loopback on an unclaimed server. */
  setupCode: v.nullable(v.pipe(v.string(), v.maxLength(100))),
  person: v.object({ name }),
  device: v.object({ clientId: id<ClientId>(), name }),
  /** The book on this device: it becomes the owner's book on the server. With a recovery code the owner's existing book is kept. */
  bookId: id<BookId>(),
});
export type ClaimRequest = v.InferOutput<typeof ClaimRequest>;

/** What a device holds once it belongs to a user: kept in IndexedDB, the token never shown again. */
export const Membership = v.object({
  userId: id<UserId>(),
  clientId: id<ClientId>(),
  /** The book to sync with. A joining device gives its own book this id and merges. */
  bookId: id<BookId>(),
  role: v.picklist(['owner', 'member']),
  token,
});
export type Membership = v.InferOutput<typeof Membership>;

/** Asked for again, the token of the answer before is worth nothing unless it was used. */
export const RenewedToken = v.object({ token });
export type RenewedToken = v.InferOutput<typeof RenewedToken>;

export const LinkRequest = v.object({
  /** `device`: another device of the caller's; `person`: somebody else joins the book as a member. */
  for: v.picklist(['device', 'person']),
});
export type LinkRequest = v.InferOutput<typeof LinkRequest>;

export const Link = v.object({
  /** One-time code; single use, gone after two minutes. Short enough to type: letters and digits without look-alikes. */
  code: v.string(),
  expiresAt: millis,
});
export type Link = v.InferOutput<typeof Link>;

export const JoinRequest = v.object({
  code: v.pipe(v.string(), v.maxLength(100)),
  device: v.object({ clientId: id<ClientId>(), name }),
  /** Name of the person who joins; needed when the link was made for a person, ignored for a device. */
  person: v.nullable(v.object({ name })),
});
export type JoinRequest = v.InferOutput<typeof JoinRequest>;

export const Device = v.object({
  clientId: id<ClientId>(),
  userId: id<UserId>(),
  name,
  personName: name,
  role: v.picklist(['owner', 'member']),
  createdAt: millis,
  /** When it last spoke with the server; null before the first time. */
  seenAt: v.nullable(millis),
  revokedAt: v.nullable(millis),
  /** Whether this is the device that asks. */
  self: v.boolean(),
});
export type Device = v.InferOutput<typeof Device>;

export const DeviceList = v.object({ devices: v.array(Device) });
export type DeviceList = v.InferOutput<typeof DeviceList>;

export const DeviceName = v.object({ name });
export type DeviceName = v.InferOutput<typeof DeviceName>;

/** Body of every error answer. `code` is for programs, `message` for people: one plain sentence. */
export const ApiError = v.object({
  error: v.object({
    code: v.picklist([
      'badRequest',
      'unauthorized',
      'forbidden',
      'notFound',
      'conflict',
      'gone',
      'trimmed',
      'tooLarge',
      'tooMany',
      'storageFull',
      'notSupported',
      'wrongCode',
      'internal',
    ]),
    message: v.string(),
  }),
});
export type ApiError = v.InferOutput<typeof ApiError>;
export type ApiErrorCode = ApiError['error']['code'];

/**
 * What a book's stream holds, told by ids alone: `GET /v1/books/{bookId}/bundles?after=&until=&limit=`, for members. `after`
 * (unless given, the start) and `until` (unless given, the end) are offsets of the stream; 410 says that the log is
 * another one, or was put back to before one of them.
 */
export const BundleIds = v.object({
  /** Of the bundles between `from` and `next`, in the order of the stream. */
  ids: v.array(id<BundleId>()),
  /** Offset from which the same stretch of the stream can be read. */
  from: v.pipe(v.string(), v.minLength(1)),
  /** Offset behind the last of them, for the next page. */
  next: v.pipe(v.string(), v.minLength(1)),
  /** Whether there is nothing between `next` and `until`. */
  upToDate: v.boolean(),
  /** Whether older bundles lay between `after` and `from`, and are not kept any more. */
  trimmed: v.boolean(),
});
export type BundleIds = v.InferOutput<typeof BundleIds>;

export const bundleIdsPath = (bookId: BookId): string => `/v1/books/${bookId}/bundles`;

/** Path of a book's stream. */
export const streamPath = (bookId: BookId): string => `/v1/books/${bookId}/stream`;
