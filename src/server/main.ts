/** Daybook's server: `node src/server/main.ts` serves, `... setup-code` and `... backup FILE` help its keeper. */
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, ConfigError, readConfig } from './config.ts';
import { makeContext, openData } from './context.ts';
import { makeApp } from './http/app.ts';
import { LIMITS } from './limits.ts';
import { serve } from './serve.ts';

const folder = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

async function start(config: Config): Promise<void> {
  const context = makeContext(config, openData(config.dataFolder), LIMITS, Date.now);
  const serving = await serve(makeApp(context), config.host, config.port, LIMITS, context.stopping);
  const name = config.host.includes(':') ? `[${config.host}]` : config.host;
  console.log(`Daybook is at http://${name}:${serving.port}`);
  if (!context.accounts.isClaimed()) console.log(`Setup code: ${await context.accounts.newSetupCode()}`);

  const sweep = setInterval(() => void context.streams.sweep().catch(console.error), 60_000);
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    clearInterval(sweep);
    await serving.stop();
    context.committer.flush();
    context.database.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
}

function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EADDRINUSE') return 'The port is in use. Is Daybook running already? Set PORT to another one, or to 0 for any that is free.';
  return String(error);
}

try {
  await start(readConfig(process.env, folder));
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
