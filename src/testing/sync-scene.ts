/** What tests of sync set up, and put away when each test ends: the last first. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { startDaybook, type DaybookServer } from './daybook-server.ts';
import { SyncClient } from './sync-client.ts';

interface SyncScene {
  /** Puts something away when the test ends. */
  readonly atEnd: (...cleanups: readonly (() => unknown)[]) => void;
  readonly client: (path?: string, now?: () => number) => SyncClient;
  /** A folder that is gone afterwards, with all in it. */
  readonly folder: () => string;
  /** The real server, in this process. */
  readonly daybook: () => Promise<DaybookServer>;
}

/** Call once, at the top of a file of tests. */
export function syncScene(): SyncScene {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });
  const atEnd = (...more: readonly (() => unknown)[]): void => void cleanups.push(...more);
  return {
    atEnd,
    client: (path, now) => {
      const made = new SyncClient(path, now);
      atEnd(() => made.close());
      return made;
    },
    folder: () => {
      const path = mkdtempSync(join(tmpdir(), 'daybook-sync-'));
      atEnd(() => rmSync(path, { recursive: true, force: true }));
      return path;
    },
    daybook: async () => {
      const server = await startDaybook();
      atEnd(() => server.stop());
      return server;
    },
  };
}
