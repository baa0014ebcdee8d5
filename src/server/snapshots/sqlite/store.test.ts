import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeSnapshotStore } from '../../../testing/snapshot-store-contract.ts';
import { openDatabase } from '../../database.ts';
import { migrations } from '../../schema.ts';
import { Committer } from '../../streams/sqlite/committer.ts';
import { SqliteStreamStore } from '../../streams/sqlite/store.ts';
import { SqliteSnapshotStore } from './store.ts';

describeSnapshotStore('SQLite', async (now) => {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-snapshots-'));
  const file = join(folder, 'snapshots.sqlite');
  let database = openDatabase(file, migrations);
  const committer = new Committer(database);
  return {
    streams: new SqliteStreamStore(database, committer, now),
    snapshots: new SqliteSnapshotStore(database, committer, now),
    async reopen() {
      database.close();
      database = openDatabase(file, migrations);
      return new SqliteSnapshotStore(database, new Committer(database), now);
    },
    async dispose() {
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
});
