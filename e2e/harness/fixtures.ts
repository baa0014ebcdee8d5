/** What a spec starts from: `server`, a sync server of its own, and `profile`, which opens browsers with profiles of their own. */
import { expect, test as base, type TestInfo } from 'playwright/test';
import { Profile, type ProfileOptions } from './profile.ts';
import { ServerProcess } from './server.ts';

interface Fixtures {
  /**
   * Whether the app's service worker keeps the app on the device. To fetch everything for that takes a tenth of the time of
   * a short test: files that neither go offline nor are about it do without.
   */
  readonly keepsApp: boolean;
  /** A fresh server with no data, started for this test and gone after it. */
  readonly server: ServerProcess;
  /** Opens a browser on a fresh profile. `page.goto('/')` opens the app of `server`; after the test the browser is gone. */
  readonly profile: (options?: ProfileOptions) => Promise<Profile>;
}

export const test = base.extend<Fixtures>({
  keepsApp: [true, { option: true }],

  // Playwright reads from the pattern which other fixtures are needed: none here.
  // oxlint-disable-next-line no-empty-pattern
  server: async ({}, run, testInfo) => {
    const server = await ServerProcess.start();
    await run(server);
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('server output', { body: server.output, contentType: 'text/plain' });
    }
    await server.dispose();
  },

  profile: async ({ server, keepsApp }, run, testInfo) => {
    const profiles: Profile[] = [];
    await run(async (options = {}) => {
      const profile = await Profile.open({ baseURL: server.url, keepsApp, ...options });
      profiles.push(profile);
      return profile;
    });

    const problems = profiles.flatMap((profile) => profile.problems);
    if (testInfo.status !== testInfo.expectedStatus) await attachScreenshots(profiles, testInfo);
    await Promise.all(profiles.map((one) => one.dispose()));
    expect(problems, 'errors that no code of the page caught').toEqual([]);
  },
});

/** What each tab shows when a test fails; a tab that cannot be pictured is left out, since the failure itself tells more. */
async function attachScreenshots(profiles: readonly Profile[], testInfo: TestInfo): Promise<void> {
  const pages = profiles.flatMap((profile) => profile.pages);
  for (const [index, page] of pages.entries()) {
    const body = await page.screenshot({ timeout: 5_000 }).catch(() => undefined);
    if (body !== undefined) await testInfo.attach(`tab ${index + 1}`, { body, contentType: 'image/png' });
  }
}

export { expect };
