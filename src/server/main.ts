/** Daybook's server: `node src/server/main.ts` serves, `... setup-code` and `... backup FILE` help its keeper. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { backUp } from './backup.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { type Context, databaseFile, makeContext, openData } from './context.ts';
import { isStorageFull } from './database.ts';
import { lockData } from './data-lock.ts';
import { keepHouse } from './housekeeping.ts';
import { makeApp } from './http/app.ts';
import { LIMITS } from './limits.ts';
import { serve } from './serve.ts';

const SWEEP_MILLIS = 60_000;
const folder = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

async function start(config: Config): Promise<void> {
  const unlock = lockData(config.dataFolder);
  const context = makeContext(config, openData(config.dataFolder), LIMITS, Date.now);
  const serving = await serve(makeApp(context), config.host, config.port, LIMITS, context.stopping);
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  console.log(`Daybook is at http://${host}:${serving.port}`);
  if (!context.accounts.isClaimed()) console.log(`Setup code: ${await context.accounts.newSetupCode()}`);

  const sweep = setInterval(() => void keepHouse(context).catch(console.error), SWEEP_MILLIS);
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    clearInterval(sweep);
    await serving.stop();
    context.committer.flush();
    context.database.close();
    unlock();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
}

/** Runs `work` on the data of a server, which may be running. */
async function withData(config: Config, work: (context: Context) => void | Promise<void>): Promise<void> {
  if (!existsSync(databaseFile(config.dataFolder))) {
    throw new ConfigError(`There is no server's data in ${config.dataFolder}. Is DAYBOOK_DATA set as for the server?`);
  }
  const database = openData(config.dataFolder);
  try {
    await work(makeContext(config, database, LIMITS, Date.now));
  } finally {
    database.close();
  }
}

async function printSetupCode({ accounts }: Context): Promise<void> {
  const lifetime = accounts.isClaimed() ? ' (for one hour; it links a new device of the owner)' : '';
  console.log(`Setup code: ${await accounts.newSetupCode()}${lifetime}`);
}

async function run(config: Config, [command, file]: readonly string[]): Promise<void> {
  if (command === undefined) return start(config);
  if (command === 'setup-code') return withData(config, printSetupCode);
  if (command === 'backup' && file !== undefined) {
    await withData(config, ({ database }) => backUp(database, resolve(file)));
    console.log(`Backed up to ${file}`);
    return undefined;
  }
  throw new ConfigError('Usage: node src/server/main.ts [setup-code | backup FILE]');
}

function explain(error: unknown, config: Config | null): string {
  if (error instanceof ConfigError) return error.message;
  if (isStorageFull(error)) {
    return `There is no room on the disk (${(error as Error).message}). Make some where ${config?.dataFolder} is, or where the copy goes, and try again; what was stored is kept.`;
  }
  const code = error instanceof Error && 'code' in error ? error.code : null;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${config?.port} is in use. Is Daybook running already? Set PORT to another port, or to 0 for any that is free.`;
    case 'EACCES':
      return `Not allowed: ${error instanceof Error ? error.message : ''}. Ports below 1024 and other people's folders need more rights.`;
    default:
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

// What is written holds everybody's records: it is for the keeper's eyes alone, in a folder of any rights.
process.umask(0o077);

let config: Config | null = null;
try {
  config = readConfig(process.env, folder);
  await run(config, process.argv.slice(2));
} catch (error) {
  console.error(explain(error, config));
  process.exit(1);
}
