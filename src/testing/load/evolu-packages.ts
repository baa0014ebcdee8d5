/**
 * Evolu's packages, for the benchmark alone: installed when it is run, into .reports/, so that nobody else carries them. The
 * scripts of packages do not run: instead of the native better-sqlite3, SQLite comes from Node (a driver of one's own is what
 * Evolu's `RelayDeps` provides for), with the settings that better-sqlite3 has by itself.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

export const EVOLU_PINS = {
  '@evolu/nodejs': '3.0.0-next.3',
  '@evolu/common': '8.0.0-next.5',
} as const;

/** Makes sure that the packages are in `folder`. Answers null, or in words why they are not. */
export function installEvolu(folder: string): string | null {
  const marker = join(folder, 'installed.json');
  if (existsSync(marker)) return null;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: EVOLU_PINS }));
  const { status, stderr, error } = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'],
    { cwd: folder, encoding: 'utf8', timeout: 180_000 },
  );
  if (status !== 0) return `npm install failed: ${error?.message ?? stderr.trim().split('\n')[0] ?? ''}`;
  writeFileSync(marker, JSON.stringify(EVOLU_PINS));
  return null;
}

/** Of Evolu's many exports, those that are used here; brands are left out. */
export interface Evolu {
  ok(value: unknown): unknown;
  createConsole(options: { level: string }): unknown;
  createRandomBytes(): RandomBytes;
  createId(deps: { randomBytes: RandomBytes }): string;
  bytesToHex(bytes: Uint8Array): string;
  readonly Name: { orThrow(name: string): string };
  createSqlite(name: string): Task;
  createAppOwner(secret: Uint8Array): EvoluOwner;
  createTimestamp(parts: { millis: number; counter: number; nodeId: string }): unknown;
  createProtocolMessageFromCrdtMessages(deps: {
    randomBytes: RandomBytes;
  }): (owner: EvoluOwner, messages: readonly CrdtMessage[]) => Uint8Array;
  createProtocolMessageForSync(deps: object): (ownerId: string, subscribe?: number) => Uint8Array;
  applyProtocolMessageAsClient(message: Uint8Array, options: { writeKey: Uint8Array }): Task;
  createBaseSqliteStorageTables(deps: object): void;
  createRelayStorageTables(deps: object): void;
  createRelaySqliteStorage(deps: object): (config: { isOwnerWithinQuota(): boolean }) => EvoluStorage;
  ownerIdToOwnerIdBytes(id: string): Uint8Array;
  createRelayDeps(): object;
  createRun(deps: object): Run;
  startRelay(config: { port: number; isOwnerWithinQuota(): boolean }): Task;
}

interface RandomBytes {
  create(count: number): Uint8Array;
}

export interface EvoluOwner {
  readonly id: string;
  readonly writeKey: Uint8Array;
}

export interface EvoluStorage {
  getSize(ownerId: Uint8Array): number;
}

/** A row of one table that was written, whole or in part. */
export interface CrdtMessage {
  readonly timestamp: unknown;
  readonly change: {
    readonly table: string;
    readonly id: string;
    readonly values: Readonly<Record<string, string | number | null>>;
    readonly isInsert: boolean;
    readonly isDelete: null;
  };
}

/** Work that Evolu's runner carries out; what it comes to is the caller's to know. */
export type Task = { readonly task: never };

export interface Run {
  (task: Task): Promise<{ readonly ok: boolean; readonly value?: unknown; readonly error?: unknown }>;
  orThrow(task: Task): Promise<unknown>;
  create(deps: object): Run;
  readonly deps: object;
}

/** Loads the packages from where `installEvolu` put them. */
export async function loadEvolu(folder: string): Promise<Evolu> {
  const load = async (file: string): Promise<object> =>
    (await import(pathToFileURL(join(folder, 'node_modules', file)).href)) as object;
  const { installPolyfills } = (await load('@evolu/common/dist/src/Polyfills.js')) as {
    installPolyfills: () => void;
  };
  installPolyfills();
  return Object.assign(
    {},
    await load('@evolu/common/dist/src/index.js'),
    await load('@evolu/common/dist/src/local-first/index.js'),
    await load('@evolu/nodejs/dist/src/index.js'),
  ) as Evolu;
}

/** Runs Evolu's tasks with SQLite from Node; databases are `file(name)`. */
export function runOf(evolu: Evolu, file: (name: string) => string): Run {
  const createSqliteDriver = (name: string) => () => {
    const db = new DatabaseSync(file(name));
    const statements = new Map<string, StatementSync>();
    const prepare = (sql: string): StatementSync => {
      const statement = statements.get(sql) ?? db.prepare(sql);
      statements.set(sql, statement);
      return statement;
    };
    return evolu.ok({
      exec({ sql, parameters }: { sql: string; parameters: (string | number | Uint8Array | null)[] }) {
        const statement = prepare(sql);
        if (statement.columns().length > 0) return { rows: statement.all(...parameters), changes: 0 };
        return { rows: [], changes: Number(statement.run(...parameters).changes) };
      },
      [Symbol.dispose]: () => db.close(),
    });
  };
  return evolu.createRun({
    ...evolu.createRelayDeps(),
    createSqliteDriver,
    console: evolu.createConsole({ level: 'error' }),
  });
}
