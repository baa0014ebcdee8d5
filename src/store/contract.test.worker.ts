/** Runs the contracts of SqlDatabase and of the store on OPFS, where files open synchronously: in a worker. */
import { sqlDatabaseContract } from '../testing/sql-database-contract.ts';
import { storeContract, type ContractRunner, type StoreHost } from '../testing/store-contract.ts';
import { installPool } from '../worker/opfs-pool.ts';
import { SqliteDatabase } from '../worker/sqlite-database.ts';
import { loadEngine } from '../worker/sqlite-engine.ts';
import * as Comlink from 'comlink';

const runner: ContractRunner = {
  async run(directory) {
    const engine = await loadEngine();
    const pool = await installPool(engine, directory);
    let files = 0;
    const opened: SqliteDatabase[] = [];
    const open = (): SqliteDatabase => {
      opened.push(new SqliteDatabase(engine, `/${files}.db`, pool.vfs));
      return opened.at(-1)!;
    };
    const host: StoreHost = {
      fresh: () => {
        files += 1;
        return open();
      },
      reopen: () => {
        opened.at(-1)?.close();
        return open();
      },
      another: () => new SqliteDatabase(engine, ':memory:', null),
    };
    const outcomes: { title: string; error: string | null }[] = [];
    for (const { title, run } of [...sqlDatabaseContract, ...storeContract]) {
      try {
        run(host);
        outcomes.push({ title, error: null });
      } catch (error) {
        outcomes.push({ title, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      }
      opened.at(-1)?.close();
      // The pool has fewer places than there are checks.
      pool.remove(`/${files}.db`);
    }
    pool.release();
    return outcomes;
  },
};

Comlink.expose(runner);
