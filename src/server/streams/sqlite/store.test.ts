import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeStreamStore } from '../../../testing/stream-store-contract.ts';
import { openDatabase } from '../../database.ts';
import { migrations } from '../../schema.ts';
import { Committer } from './committer.ts';
import { SqliteStreamStore } from './store.ts';

describeStreamStore('SQLite', async (now) => {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-streams-'));
  const file = join(folder, 'streams.sqlite');
  let database = openDatabase(file, migrations);
  return {
    store: new SqliteStreamStore(database, new Committer(database), now),
    async reopen() {
      database.close();
      database = openDatabase(file, migrations);
      return new SqliteStreamStore(database, new Committer(database), now);
    },
    async dispose() {
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
});
