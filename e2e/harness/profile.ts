/** A browser with a profile of its own on disk: one person's device, that can be closed, crashed and opened again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright';
import { browserFlags, findBrowser, findShell } from '../../.ci/browser.ts';

export interface ProfileOptions {
  /** What `page.goto('/')` opens. */
  readonly baseURL?: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  readonly reducedMotion?: 'reduce' | 'no-preference';
  readonly locale?: string;
  readonly timezoneId?: string;
  readonly hasTouch?: boolean;
  /** The whole browser, for what its headless shell does not have: installing apps, windows. */
  readonly whole?: boolean;
  /** Whether the app's service worker keeps the app on the device, as it does for people. */
  readonly keepsApp?: boolean;
  /** Further flags of the browser. */
  readonly flags?: readonly string[];
}

export class Profile {
  /** The profile's folder on disk; the same after `reopen`. */
  readonly folder: string;
  /** What no code of the page caught, in order. A test ends as failed unless this is empty: empty it where errors are meant. */
  readonly problems: string[] = [];
  readonly #options: ProfileOptions;
  #context: BrowserContext | undefined;

  private constructor(folder: string, options: ProfileOptions) {
    this.folder = folder;
    this.#options = options;
  }

  /** Opens a browser on a fresh profile. */
  static async open(options: ProfileOptions = {}): Promise<Profile> {
    const profile = new Profile(await mkdtemp(join(tmpdir(), 'daybook-profile-')), options);
    try {
      await profile.reopen();
    } catch (error) {
      await profile.dispose();
      throw error;
    }
    return profile;
  }

  /** The running browser. @throws Error while it is closed or crashed. */
  get context(): BrowserContext {
    if (this.#context === undefined) throw new Error('The browser of this profile is closed.');
    return this.#context;
  }

  /** All open tabs; none while the browser is closed. */
  get pages(): readonly Page[] {
    return this.#context?.pages() ?? [];
  }

  /** The browser's first tab. */
  get page(): Page {
    const [page] = this.pages;
    if (page === undefined) throw new Error('The browser of this profile has no tab.');
    return page;
  }

  /** Opens one more tab. */
  async tab(): Promise<Page> {
    return this.context.newPage();
  }

  /** Opens the browser on the same profile again; closes it first if it is open. Options given here count until the next. */
  async reopen(changes: ProfileOptions = {}): Promise<Page> {
    await this.close();
    const {
      flags = [],
      whole = false,
      keepsApp = true,
      viewport = { width: 1280, height: 800 },
      ...options
    } = { ...this.#options, ...changes };
    const executablePath = (whole ? undefined : findShell()) ?? (await findBrowser());
    const context = await chromium.launchPersistentContext(this.folder, {
      // Without a graphics card every frame of an animation costs the processor, which two browsers share with the server.
      reducedMotion: 'reduce',
      ...options,
      ...(executablePath !== undefined && { executablePath }),
      viewport,
      args: [...browserFlags, ...flags],
    });
    // The browser's own dialog for saving is beyond reach; without it the app hands files out as downloads. A spec that is
    // about the dialog puts a stand-in for it in place.
    await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'showSaveFilePicker'));
    if (!keepsApp) await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
    context.on('weberror', (problem) => this.problems.push(String(problem.error().stack ?? problem.error())));
    this.#context = context;
    return context.pages()[0] ?? (await context.newPage());
  }

  /** Closes the browser as a person would. */
  async close(): Promise<void> {
    const context = this.#context;
    this.#context = undefined;
    await context?.close();
  }

  /** Kills the browser and all its processes at once, as a crash or a power cut would, and waits until they are gone. */
  async crash(): Promise<void> {
    const { context } = this;
    const browser = context.browser();
    if (browser === null) throw new Error('This browser does not tell its processes.');
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const gone = new Promise((done) => browser.once('disconnected', done));
    this.#context = undefined;
    // The browser process first: it would start the others again.
    for (const { id } of processInfo.toSorted((a, b) => rank(a.type) - rank(b.type))) killNow(id);
    await gone;
  }

  /** Ends the browser, whatever its state, and removes the profile. */
  async dispose(): Promise<void> {
    await this.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

const rank = (type: string): number => (type === 'browser' ? 0 : 1);

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended with the browser process.
  }
}
