/**
 * The public conformance suite of the Durable Streams protocol, over HTTP against our stream handler on SQLite, mounted
 * without accounts for this test alone. Left out, as docs/server.md explains: forks and the reserved subscription APIs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runConformanceTests } from '@durable-streams/server-conformance-tests';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { serveOpenStreams } from '../testing/open-streams.ts';
import type { Serving } from './serve.ts';
import { openDatabase } from './database.ts';
import { LIMITS } from './limits.ts';
import { migrations } from './schema.ts';
import { Committer } from './streams/sqlite/committer.ts';
import { SqliteStreamStore } from './streams/sqlite/store.ts';

/** What the suite of version 0.3.6 holds in its Fork groups. Another number means that it has changed: look again. */
const FORK_TESTS = 82;
const OTHER_TESTS = 250;

// Its own limits are those of an idle machine.
vi.setConfig({ testTimeout: 240_000 });

const folder = mkdtempSync(join(tmpdir(), 'daybook-conformance-'));
/** Short, since the suite sits it out again and again. */
const longPollMillis = 1_500;
const suite = { baseUrl: '', longPollTimeoutMs: longPollMillis };
const database = openDatabase(join(folder, 'streams.sqlite'), migrations);
const store = new SqliteStreamStore(database, new Committer(database), Date.now);
let serving: Serving;
let forks = 0;
let others = 0;

beforeAll(async () => {
  serving = await serveOpenStreams(store, { ...LIMITS, longPollMillis });
  suite.baseUrl = `http://localhost:${serving.port}`;
});

afterAll(async () => {
  await serving.stop();
  database.close();
  rmSync(folder, { recursive: true });
});

beforeEach(({ task, skip }) => {
  if (task.suite?.name.startsWith('Fork - ')) {
    forks += 1;
    skip('forks are answered with 501');
  }
  others += 1;
});

describe('Durable Streams conformance', () => {
  runConformanceTests(suite);
});

test('the suite is the one that we know', () => {
  // This test is one of the others.
  expect({ forks, others: others - 1 }).toEqual({ forks: FORK_TESTS, others: OTHER_TESTS });
});
