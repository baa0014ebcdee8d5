/**
 * Finds a Chromium for the tests, and gets one where there is none.
 *
 * `findBrowser` and `findShell` only look. Run as a program (`node .ci/browser.ts`) this file also installs: Playwright's own download
 * first, since it needs no rights, then Debian's package.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { posix, win32 } from 'node:path';

/** What the search reads of a machine, so that a test can pretend to be another one. */
export type Machine = {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether there is a file at this path. */
  exists(path: string): boolean;
  /** Whether the file belongs to a snap package, whose sandbox cannot read a profile in the temporary folder. */
  isSnap(path: string): boolean;
};

/** Flags every browser of the tests is started with: no traffic of its own, and root needs to go without the sandbox. */
export const browserFlags: readonly string[] = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

const NAMES_ON_PATH = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
  'microsoft-edge-stable',
  'msedge',
];

/** The same engine without the parts that draw a window; what Playwright itself takes when nothing is to be seen. */
const SHELLS_ON_PATH = ['chromium-headless-shell', 'chrome-headless-shell'];

const MAC_APPS = [
  'Chromium.app/Contents/MacOS/Chromium',
  'Google Chrome.app/Contents/MacOS/Google Chrome',
  'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

const WINDOWS_APPS = [
  'Chromium\\Application\\chrome.exe',
  'Google\\Chrome\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
];

const LINUX_PLACES = ['/usr/lib/chromium/chromium', '/opt/google/chrome/chrome', '/opt/microsoft/msedge/msedge'];

/**
 * Where a browser of this machine would be, best first: what the environment names, then PATH, then the usual places.
 * A path that the environment names comes back alone, there or not: whoever names one wants no other.
 */
export function placesToLook(machine: Machine): string[] {
  const named = namedBrowser(machine.env);
  if (named !== undefined) return [named];

  return [...onPath(machine, NAMES_ON_PATH), ...usualPlaces(machine)];
}

/** Where on PATH programs of these names would be, by name first. */
function onPath({ platform, env }: Machine, names: readonly string[]): string[] {
  const windows = platform === 'win32';
  const path = windows ? win32 : posix;
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(windows ? ';' : ':').filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => path.join(folder, windows ? `${name}.exe` : name)));
}

/** The browser that the environment asks for; an empty variable asks for nothing. */
function namedBrowser(env: Machine['env']): string | undefined {
  return [env['CHROMIUM_PATH'], env['DAYBOOK_BROWSER']].find((path) => path !== undefined && path !== '');
}

function usualPlaces({ platform, env }: Machine): string[] {
  if (platform === 'darwin') {
    const roots = ['/Applications', ...(env['HOME'] === undefined ? [] : [posix.join(env['HOME'], 'Applications')])];
    return MAC_APPS.flatMap((app) => roots.map((root) => posix.join(root, app)));
  }
  if (platform === 'win32') {
    const roots = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => env[name] ?? []);
    return WINDOWS_APPS.flatMap((app) => roots.map((root) => win32.join(root, app)));
  }
  return LINUX_PLACES;
}

/** The first browser among the places to look, or undefined. Does not start it. */
export function pickBrowser(machine: Machine): string | undefined {
  return placesToLook(machine).find((path) => machine.exists(path) && !machine.isSnap(path));
}

/**
 * A headless shell of this machine, or undefined: it starts and loads in little more than half the processor time. None where the
 * environment names a browser, unless it names a shell as well: whoever names one wants no other.
 */
export function pickShell(machine: Machine): string | undefined {
  const named = machine.env['DAYBOOK_SHELL'];
  if (named !== undefined && named !== '') return machine.exists(named) ? named : undefined;
  if (namedBrowser(machine.env) !== undefined) return undefined;
  return onPath(machine, SHELLS_ON_PATH).find((path) => machine.exists(path) && !machine.isSnap(path));
}

const thisMachine: Machine = {
  platform: process.platform,
  env: process.env,
  exists: existsSync,
  isSnap(path) {
    if (process.platform !== 'linux') return false;
    const real = realpathSync(path);
    if (real === '/usr/bin/snap' || real.startsWith('/snap/')) return true;
    // Ubuntu's chromium-browser is a script that hands over to the snap.
    const start = readFileSync(real).subarray(0, 4096).toString('latin1');
    return start.startsWith('#!') && start.includes('/snap/');
  },
};

/** The path of a browser on this machine (its own, else the one Playwright has downloaded), or undefined. Installs nothing. */
export async function findBrowser(): Promise<string | undefined> {
  return pickBrowser(thisMachine) ?? (await findDownloaded());
}

/** The path of a headless shell on this machine, or undefined. Installs nothing. */
export const findShell = (): string | undefined => pickShell(thisMachine);

async function findDownloaded(): Promise<string | undefined> {
  const { chromium } = await import('playwright');
  const path = chromium.executablePath();
  return path !== '' && existsSync(path) ? path : undefined;
}

/** Why this browser does not start, or undefined if it does. */
async function whyNotStarting(executablePath: string): Promise<string | undefined> {
  const { chromium } = await import('playwright');
  try {
    const browser = await chromium.launch({ executablePath, args: [...browserFlags] });
    await browser.close();
    return undefined;
  } catch (error) {
    const lines = String(error).split('\n');
    // The command line tells nobody anything, and hides in its length what does.
    return lines
      .filter((line) => line !== '' && !line.includes('<launching>'))
      .slice(0, 6)
      .join('\n');
  }
}

/**
 * A browser that starts, installed if need be; prints what it does.
 * @throws Error that tells a person what to do, when there is none and none can be had.
 */
export async function ensureBrowser(): Promise<string> {
  const failures = new Map<string, string>();
  const attempt = async (path: string | undefined): Promise<string | undefined> => {
    if (path === undefined) return undefined;
    const reason = existsSync(path) ? await whyNotStarting(path) : 'there is no such file';
    if (reason === undefined) return path;
    failures.set(path, reason);
    return undefined;
  };

  const root = process.getuid?.() === 0;
  const debian = process.platform === 'linux' && existsSync('/etc/debian_version');
  const named = namedBrowser(thisMachine.env);

  const own = await attempt(named ?? pickBrowser(thisMachine));
  if (own !== undefined) return own;

  if (named === undefined) {
    const before = await attempt(await findDownloaded());
    if (before !== undefined) return before;

    console.log('No browser that starts was found. Asking Playwright to download one.');
    run('npx', ['--no-install', 'playwright', 'install', ...(root && debian ? ['--with-deps'] : []), 'chromium']);
    const downloaded = await attempt(await findDownloaded());
    if (downloaded !== undefined) return downloaded;

    if (root && debian) {
      console.log("Playwright's download did not work. Installing the chromium package.");
      run('apt-get', ['update']);
      run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium']);
      const packaged = await attempt(pickBrowser(thisMachine));
      if (packaged !== undefined) return packaged;
    }
  }
  throw new Error(
    [
      'Daybook is tested in a real browser, and none was found that starts.',
      'Install Chromium, Google Chrome or Microsoft Edge, or set CHROMIUM_PATH to the executable of one.',
      ...[...failures].map(([path, reason]) => `${path}: ${reason}`),
    ].join('\n'),
  );
}

/**
 * A headless shell that starts, or undefined. Debian's package is installed where the browser is Debian's too; all that is lost
 * without it is time.
 */
export async function ensureShell(browser: string): Promise<string | undefined> {
  const starts = async (path: string | undefined): Promise<boolean> =>
    path !== undefined && (await whyNotStarting(path)) === undefined;
  const before = findShell();
  if (await starts(before)) return before;
  const ofDebian = process.getuid?.() === 0 && existsSync('/etc/debian_version') && browser === '/usr/bin/chromium';
  if (!ofDebian || namedBrowser(thisMachine.env) !== undefined) return undefined;
  const install = ['install', '-y', '--no-install-recommends', 'chromium-headless-shell'];
  if (!run('apt-get', install, 180_000)) {
    run('apt-get', ['update'], 60_000);
    run('apt-get', install, 180_000);
  }
  const after = findShell();
  if (await starts(after)) return after;
  console.log('There is no headless shell: the end-to-end tests take about twice as long in the whole browser.');
  return undefined;
}

/** Runs a command in plain sight, for ten minutes at most. Whether it worked shows best in whether a browser is there then. */
function run(command: string, parameters: readonly string[], millis = 600_000): boolean {
  const { error, status } = spawnSync(command, parameters, {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: millis,
    shell: process.platform === 'win32',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (error === undefined && status === 0) return true;
  console.log(`${command} ${parameters.join(' ')}: ${error?.message ?? `exit code ${status}`}`);
  return false;
}

if (import.meta.main) {
  try {
    const browser = await ensureBrowser();
    console.log(`Browser: ${browser}`);
    console.log(`Headless shell: ${(await ensureShell(browser)) ?? 'none'}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
