/** A session of sync with the server of this device's account. */
import type { ClientId } from '../core/ids.ts';
import { bundleIdsPath, streamPath } from '../protocol/account.ts';
import { snapshotsPath } from '../protocol/snapshot-offer.ts';
import type { ServerError } from '../protocol/worker.ts';
import type { Store } from '../store/store.ts';
import type { Session } from '../sync/driver.ts';
import type { Platform } from '../sync/http-call.ts';
import { createHttpTransport } from '../sync/http-transport.ts';
import type { Failure, Signal, SnapshotTransport, Transport } from '../sync/ports.ts';
import type { Accounts } from './accounts.ts';
import type { Credentials } from './credentials.ts';
import type { Verdict } from './token-renewal.ts';

/**
 * The server takes appends from a device under the device's own client id alone. When this installation got a new one
 * ([HLC-6]), it is made a device of the same user before the next call, whether that was a moment ago or before a crash.
 */
export function createSession(
  store: Store,
  accounts: Accounts,
  platform: Platform<AbortSignal>,
  credentials: Credentials,
): Session {
  const { serverUrl, membership } = credentials;
  const { bookId, userId } = membership;
  const transportFor = (producerId: string, token: string) =>
    createHttpTransport({
      platform,
      streamUrl: serverUrl + streamPath(bookId),
      timeUrl: `${serverUrl}/v1/time`,
      idsUrl: serverUrl + bundleIdsPath(bookId),
      bookId,
      producerId,
      token,
      gzip: true,
      snapshotsUrl: serverUrl + snapshotsPath(bookId),
    });

  /** The id under which the server takes appends of this installation. */
  async function reach(): Promise<ClientId | Failure> {
    const enrolled = await accounts.enrol(store.identity().clientId);
    return enrolled.ok ? enrolled.value.membership.clientId : failureOf(enrolled.error);
  }

  async function ask<T extends object>(run: (transport: Transport) => Promise<T>): Promise<T | Failure> {
    const clientId = await reach();
    if (typeof clientId !== 'string') return clientId;
    return accounts.withToken<T | Failure>((token) => run(transportFor(clientId, token)), verdictOf, NOT_LINKED);
  }

  const askSnapshots = <T extends object>(run: (snapshots: SnapshotTransport) => Promise<T>): Promise<T | Failure> =>
    ask((transport) => run(transport.snapshots!));

  const session: Session = {
    get link() {
      return { bookId, userId, clientId: store.identity().clientId };
    },
    serverUrl,
    transport: {
      create: (signal: Signal) => ask((transport) => transport.create(signal)),
      append: (bundle, producer, signal) => ask((transport) => transport.append(bundle, producer, signal)),
      read: (cursor, signal) => ask((transport) => transport.read(cursor, signal)),
      tail: (cursor, onPage, signal) => ask((transport) => transport.tail(cursor, onPage, signal)),
      time: (signal) => ask((transport) => transport.time(signal)),
      ids: (after, until, signal) => ask((transport) => transport.ids(after, until, signal)),
      snapshots: {
        offers: (signal) => askSnapshots((snapshots) => snapshots.offers(signal)),
        piece: (id, number, signal) => askSnapshots((snapshots) => snapshots.piece(id, number, signal)),
        putPiece: (id, number, bytes, signal) =>
          askSnapshots((snapshots) => snapshots.putPiece(id, number, bytes, signal)),
        finish: (id, finish, signal) => askSnapshots((snapshots) => snapshots.finish(id, finish, signal)),
      },
    },
    renew: async () => {
      store.newClient();
      const reached = await reach();
      return typeof reached === 'string' ? { kind: 'renewed', session } : reached;
    },
  };
  return session;
}

const NOT_LINKED: Failure = { kind: 'unauthorized', message: 'This device does not sync with a server.' };

/** What an answer says of the token that was shown. The server's time is told to everybody. */
function verdictOf(outcome: object): Verdict {
  switch ('kind' in outcome ? outcome.kind : null) {
    case 'created':
    case 'stored':
    case 'page':
    case 'ended':
    case 'offers':
    case 'piece':
      return 'accepted';
    case 'unauthorized':
      return 'refused';
    default:
      return 'unknown';
  }
}

function failureOf({ kind, message }: ServerError): Failure {
  switch (kind) {
    case 'unreachable':
    case 'notDaybook':
      return { kind: 'unreachable', message };
    case 'storage':
      return { kind: 'busy', message, retryAfterMillis: null };
    case 'refused':
    case 'wrongCode':
    case 'notLinked':
      return { kind: 'unauthorized', message };
  }
}
