import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlDatabaseContract } from '../testing/sql-database-contract.ts';
import { storeContract, type ContractRunner } from '../testing/store-contract.ts';
import * as Comlink from 'comlink';

const directory = `/store-contract-${crypto.randomUUID()}`;
const worker = new Worker(new URL('./contract.test.worker.ts', import.meta.url), { type: 'module' });
const errors = new Map<string, string | null>();

beforeAll(async () => {
  const outcomes = await Comlink.wrap<ContractRunner>(worker).run(directory);
  for (const { title, error } of outcomes) errors.set(title, error);
}, 120_000);

afterAll(async () => {
  worker.terminate();
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(directory.slice(1), { recursive: true }).catch(() => undefined);
});

test.each([...sqlDatabaseContract, ...storeContract].map((check) => check.title))('on OPFS: %s', (title) => {
  expect(errors.get(title)).toBeNull();
});
