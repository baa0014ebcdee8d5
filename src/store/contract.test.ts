import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { NodeSqlite } from '../testing/node-sqlite.ts';
import { sqlDatabaseContract } from '../testing/sql-database-contract.ts';
import { storeContract, type StoreHost } from '../testing/store-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-contract-'));
let files = 0;
let last: NodeSqlite | null = null;

const host: StoreHost = {
  fresh: () => (last = new NodeSqlite(join(folder, `${++files}.db`))),
  reopen: () => {
    last?.close();
    return (last = new NodeSqlite(join(folder, `${files}.db`)));
  },
  another: () => new NodeSqlite(),
};

afterAll(() => {
  last?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('node:sqlite', () => {
  test.each(sqlDatabaseContract.map((check) => [check.title, check] as const))('%s', (_, check) => {
    expect(() => check.run(host)).not.toThrow();
  });
});

describe('the store on node:sqlite', () => {
  test.each(storeContract.map((check) => [check.title, check] as const))('%s', (_, check) => {
    expect(() => check.run(host)).not.toThrow();
  });
});
