/**
 * Measures a first sync at size: `npm run bench:first-sync -- --events 100000`. The real server in a process of its own; the device
 * that uploads and those that join in processes of theirs. With `--browser` (after `npm run build`) one more joins in a real
 * Chromium with a profile on disk, as a person's does. All of them reach the server through a proxy that counts bytes.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Membership } from '../../src/protocol/account.ts';
import { type Figures, megabytes, play } from '../../src/testing/first-sync-roles.ts';
import { GatedProxy } from '../../src/testing/gated-proxy.ts';
import { startProcess } from '../../src/testing/server-process.ts';
import { joinInBrowser } from './first-sync-browser.ts';

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    browser: { type: 'boolean', default: false },
    /** Leaves out the device that joins without a snapshot. */
    quick: { type: 'boolean', default: false },
  },
});

const events = Number(options.events.replaceAll(/[_,]/g, ''));
const folder = mkdtempSync(join(tmpdir(), 'daybook-first-sync-'));
const server = await startProcess({ DAYBOOK_DATA: join(folder, 'data') });
const proxy = await GatedProxy.start(Number(new URL(server.url).port));
try {
  const { url } = proxy;
  const made = await measured(`${events.toLocaleString('en')} events are sent`, () =>
    play({ kind: 'upload', url, path: join(folder, 'made.db'), events }),
  );
  const owner = made['owner'] as Membership;
  await measured('a device joins, with a snapshot', () =>
    play({ kind: 'join', url, path: join(folder, 'fresh.db'), owner, snapshot: true }),
  );
  rmSync(join(folder, 'fresh.db'));
  if (!options.quick) {
    await measured('a device joins, without', () =>
      play({ kind: 'join', url, path: join(folder, 'plain.db'), owner, snapshot: false }),
    );
  }
  if (options.browser) await measured('a browser joins, with a snapshot', (mark) => joinInBrowser(url, owner, mark));
  show('the server', {
    'memory at most, MB': peakOf(server.pid) ?? 'not known',
    'database, MB': megabytes(sizeOf(join(folder, 'data', 'daybook.sqlite'))),
  });
} finally {
  proxy.stop();
  server.kill('SIGTERM');
  await server.ended;
  rmSync(folder, { recursive: true, force: true });
}

/** Shows what came of it, and how many bytes it took: all of them, or those since it was marked. */
async function measured(title: string, work: (mark: () => void) => Promise<Figures>): Promise<Figures> {
  let before = proxy.bytes;
  const figures = await work(() => (before = proxy.bytes));
  const { fromClients, toClients } = proxy.bytes;
  show(title, {
    ...figures,
    'sent over the wire, MB': megabytes(fromClients - before.fromClients),
    'received over the wire, MB': megabytes(toClients - before.toClients),
  });
  return figures;
}

function show(title: string, figures: Figures): void {
  const rows = Object.entries(figures).flatMap(([name, value]) =>
    typeof value === 'object' ? [] : [`  ${name.padEnd(36)}${value}`],
  );
  process.stdout.write(`\n${title}\n${rows.join('\n')}\n`);
}

/** Of a database with its write-ahead log. */
function sizeOf(file: string): number {
  return [file, `${file}-wal`].reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** The most memory that a process ever took, MB; null where the system does not tell. */
function peakOf(pid: number): number | null {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : megabytes(Number(kilobytes) * 1_024);
  } catch {
    return null;
  }
}
