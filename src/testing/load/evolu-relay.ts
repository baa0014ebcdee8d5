/** `evolu-relay.ts PACKAGES FOLDER`: Evolu's relay as a process, its database in FOLDER. */
import { join } from 'node:path';
import { loadEvolu, runOf } from './evolu-packages.ts';

const [packages = '', folder = ''] = process.argv.slice(2);
const evolu = await loadEvolu(packages);
const run = runOf(evolu, (name) => join(folder, `${name}.db`));
const relay = (await run.orThrow(evolu.startRelay({ port: 0, isOwnerWithinQuota: () => true }))) as { port: number };
process.stdout.write(`Evolu is at ws://127.0.0.1:${relay.port}\n`);
// What it acknowledged is on disk: there is nothing to wait for.
process.on('SIGTERM', () => process.exit(0));
