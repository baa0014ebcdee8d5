/**
 * `npm run soak:server -- --kills 100 --seed 1`: a server that is killed while several devices append to several books; after
 * each restart every book is looked through. Ends with what was acknowledged, and exit code 1 when something was amiss.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AppendLoad, startWithBooks } from './append-load.ts';
import { SeededRandom } from './seeded-random.ts';
import { killAgainAndAgain } from './server-kills.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
});
const [kills, seed] = [Number(values.kills), Number(values.seed)];
if (!Number.isSafeInteger(kills) || kills < 1 || !Number.isSafeInteger(seed)) {
  throw new Error('--kills takes a whole number above 0, --seed a whole one');
}

const start = performance.now();
const seconds = (): string => ((performance.now() - start) / 1_000).toFixed(0);
const folder = mkdtempSync(join(tmpdir(), 'daybook-soak-'));
const settings = { DAYBOOK_DATA: folder };
const random = new SeededRandom(seed);
const { server, devices } = await startWithBooks(settings, 3, 3);
const load = new AppendLoad(devices, random);
const last = await killAgainAndAgain(server, settings, load, kills, random, (kill) => {
  if (kill % 10 === 0)
    console.warn(`${seconds().padStart(5)} s  ${kill} kills, ${load.acknowledged} bundles acknowledged`);
});
const stored = await load.verify(last.url);
last.kill('SIGTERM');
await last.ended;
rmSync(folder, { recursive: true });
console.warn(
  `${kills} kills in ${seconds()} s: ${load.acknowledged} bundles acknowledged, each there, in order, once; ${stored} stored.`,
);
