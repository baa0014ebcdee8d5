import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Accounts } from './auth/accounts.ts';
import { Connections } from './auth/connections.ts';
import { Devices } from './auth/devices.ts';
import type { Config } from './config.ts';
import { openDatabase } from './database.ts';
import { RequestsAtOnce } from './http/at-once.ts';
import { RateLimit } from './http/rate-limit.ts';
import { Rates } from './http/rates.ts';
import { StreamHandler } from './http/streams.ts';
import type { Limits } from './limits.ts';
import { migrations } from './schema.ts';
import type { SnapshotStore } from './snapshots/port.ts';
import { SqliteSnapshotStore } from './snapshots/sqlite/store.ts';
import type { StreamStore } from './streams/port.ts';
import { Committer } from './streams/sqlite/committer.ts';
import { SqliteStreamStore } from './streams/sqlite/store.ts';

/** Everything that the routes need, wired once. */
export interface Context {
  readonly config: Config;
  readonly limits: Limits;
  /** The server's clock, Unix milliseconds. */
  readonly now: () => number;
  readonly database: DatabaseSync;
  readonly committer: Committer;
  readonly accounts: Accounts;
  readonly devices: Devices;
  readonly connections: Connections;
  readonly streams: StreamStore;
  readonly snapshots: SnapshotStore;
  readonly streamHandler: StreamHandler;
  readonly rates: Rates;
  readonly deviceRate: RateLimit;
  readonly atOnce: RequestsAtOnce;
  readonly addressAtOnce: RequestsAtOnce;
  /** Ends live reads when the server stops. */
  readonly stopping: AbortController;
  /** Throws when the database does not answer. */
  readonly checkHealth: () => void;
}

/** File of the database in the data folder. */
export const databaseFile = (dataFolder: string): string => join(dataFolder, 'daybook.sqlite');

/** Opens the data folder, making it when it is not there. */
export function openData(dataFolder: string): DatabaseSync {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  return openDatabase(databaseFile(dataFolder), migrations);
}

export function makeContext(config: Config, database: DatabaseSync, limits: Limits, now: () => number): Context {
  const committer = new Committer(database);
  const streams = new SqliteStreamStore(database, committer, now);
  const stopping = new AbortController();
  const health = database.prepare('SELECT count(*) FROM books');
  return {
    config,
    limits,
    now,
    database,
    committer,
    accounts: new Accounts(database, committer, now),
    devices: new Devices(database, committer, now),
    connections: new Connections(),
    streams,
    snapshots: new SqliteSnapshotStore(database, committer, now),
    streamHandler: new StreamHandler({ store: streams, limits, now, random: Math.random, stopping: stopping.signal }),
    rates: new Rates(limits, now),
    deviceRate: new RateLimit(limits.deviceRate, now),
    atOnce: new RequestsAtOnce(limits.atOnce),
    addressAtOnce: new RequestsAtOnce(limits.addressAtOnce),
    stopping,
    checkHealth: () => void health.get(),
  };
}
