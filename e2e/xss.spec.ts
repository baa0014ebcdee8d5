/**
 * What looks like code is text, wherever it stands: values, names of types, fields, options, devices and people, names of
 * files. It comes from another device, so that nothing on this page had a say in it, and every screen shows it. Nothing
 * may run, no dialog may open, and the browser's own guards (CSP, Trusted Types) must not have had to step in.
 */
import type { Page } from 'playwright';
import type { Command } from '../src/core/command.ts';
import type { EntityId } from '../src/core/ids.ts';
import { parseId } from '../src/core/ids.ts';
import type { Membership } from '../src/protocol/account.ts';
import { SyncClient, until } from '../src/testing/sync-client.ts';
import { box, chip, claimServer, makeCode, pane, PATIENCE, setText, visit } from './harness/app-steps.ts';
import { expect, test } from './harness/fixtures.ts';

/** Each calls `xss`, should any part of it ever be taken for code. */
const CORPUS = [
  '<script>xss()</script>',
  '<img src=x onerror=xss()>',
  '"><svg onload=xss()>',
  `' onmouseover='xss()' x='`,
  '</textarea><script>xss()</script>',
  '</title></style><img src=x onerror=xss()>',
  'javascript:xss()',
  '<a href="javascript:xss()">press</a>',
  '<iframe srcdoc="<script>parent.xss()</script>"></iframe>',
  '<details open ontoggle=xss()>',
  '<input autofocus onfocus=xss()>',
  '<math><mtext></form><form><mglyph><style></math><img src onerror=xss()>',
  '<object data="javascript:xss()"></object>',
  '<base href="//evil.example/">',
  '<meta http-equiv="refresh" content="0;url=javascript:xss()">',
  '&lt;img src=x onerror=xss()&gt;',
  '&#60;script&#62;xss()&#60;/script&#62;',
  '{{constructor.constructor("xss()")()}}',
  '${xss()}',
  '__proto__',
  '=HYPERLINK("javascript:xss()","press")',
  '\u202E<img src=x onerror=xss()>',
  '<!--<img src="--><img src=x onerror=xss()>">',
  '<template><script>xss()</script></template>',
] as const;
const [SCRIPT, IMAGE, SVG, HANDLER, TEXTAREA] = CORPUS;

declare global {
  // What the corpus calls.
  var xss: () => void;
}

/** Makes the page take down whatever runs and whatever its guards report. */
async function watch(page: Page, found: string[]): Promise<void> {
  await page.exposeFunction('tell', (what: string) => found.push(what));
  await page.addInitScript(() => {
    const tell = (what: string): unknown => (window as unknown as { tell(what: string): unknown }).tell(what);
    globalThis.xss = () => void tell('a script ran');
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
      tell(`${violatedDirective} was violated by ${blockedURI} ${sample}`),
    );
  });
  page.on('dialog', (dialog) => {
    found.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted ?Type/i.test(message.text())) found.push(message.text());
  });
  page.on('popup', (popup) => found.push(`a window: ${popup.url()}`));
  page.on('framenavigated', (frame) => {
    if (frame !== page.mainFrame()) found.push(`a frame: ${frame.url()}`);
  });
}

/** Elements that the app never makes, and attributes that it never sets. */
const foreign = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('*')]
      .filter(
        (element) =>
          /^(IFRAME|OBJECT|EMBED|BASE|MATH|DETAILS)$/.test(element.tagName) ||
          [...element.attributes].some(
            ({ name, value }) =>
              /^on/i.test(name) || (/^(href|src|action)$/i.test(name) && /^\s*javascript:/i.test(value)),
          ),
      )
      .map((element) => element.outerHTML.slice(0, 200)),
  );

/** A device of somebody else, with a hostile name each, that fills the book with hostile names and values. */
class Stranger {
  readonly client = new SyncClient();
  readonly type = this.client.mint();
  readonly title = this.client.mint();
  readonly notes = this.client.mint();
  readonly select = this.client.mint();
  readonly tags = this.client.mint();
  readonly records: readonly EntityId[] = CORPUS.map(() => this.client.mint());
  #membership: Membership | undefined;

  async join(origin: string, code: string): Promise<void> {
    const response = await fetch(`${origin}/v1/join`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        code,
        device: { clientId: this.client.clientId, name: IMAGE },
        person: { name: SCRIPT },
      }),
    });
    this.#membership = (await response.json()) as Membership;
    this.connect(origin);
    const user = parseId<EntityId>(this.#membership.userId)!;
    this.client.do({ kind: 'namePerson', user, name: SCRIPT });
    this.client.do({ kind: 'nameDevice', client: parseId<EntityId>(this.client.clientId)!, user, name: IMAGE });
  }

  connect(origin: string): void {
    this.client.link({ origin, membership: this.#membership! });
  }

  write(): void {
    const options = CORPUS.map((name, i) => ({ id: this.client.mint(), name, tint: i % 8 }));
    const command: Command = {
      kind: 'batch',
      label: HANDLER,
      commands: [
        {
          kind: 'createType',
          id: this.type,
          name: SVG,
          fields: [
            { id: this.title, name: SCRIPT, kind: 'text' },
            { id: this.notes, name: TEXTAREA, kind: 'longText' },
            { id: this.select, name: IMAGE, kind: 'select', options },
            { id: this.tags, name: HANDLER, kind: 'multiSelect', options },
          ],
        },
        {
          kind: 'createRecords',
          type: this.type,
          records: CORPUS.map((text, i) => ({
            id: this.records[i]!,
            values: {
              [this.title]: text,
              [this.notes]: `${text}\n${text}`,
              [this.select]: options[i]!.id,
              [this.tags]: [options[i]!.id, options[(i + 1) % options.length]!.id],
            },
          })),
        },
      ],
    };
    this.client.do(command);
  }

  note(record: EntityId, value: string): void {
    this.client.do({ kind: 'setValues', changes: [{ entityId: record, field: this.notes, value }] });
  }
}

test('what looks like code is shown as text on every screen, and none of it runs', async ({ profile, server }) => {
  const { page } = await profile({ viewport: { width: 1440, height: 900 } });
  const found: string[] = [];
  await watch(page, found);
  const looked: string[] = [];
  /** Holds a screen to it, once what it is about is there. */
  const look = async (screen: string): Promise<void> => {
    looked.push(screen);
    expect([screen, await foreign(page)]).toEqual([screen, []]);
    expect([screen, found]).toEqual([screen, []]);
  };

  await page.goto('/');
  await claimServer(page, SVG);
  const stranger = new Stranger();
  try {
    await stranger.join(server.url, await makeCode(page, true));
    stranger.write();
    await page.keyboard.press('Escape');
    const nav = page.getByRole('navigation', { name: 'Main' });
    const typeLink = nav.getByRole('link').filter({ hasText: SVG });
    await expect(typeLink).toBeVisible(PATIENCE);

    await expect(page.getByRole('textbox', { name: `Name of device ${IMAGE}` })).toBeVisible(PATIENCE);
    await expect(page.getByText(SCRIPT).first()).toBeVisible();
    await look('settings');

    await typeLink.click();
    const grid = page.getByRole('grid', { name: SVG });
    await expect(grid).toHaveAttribute('aria-rowcount', String(CORPUS.length + 1), PATIENCE);
    for (const name of [SCRIPT, IMAGE, HANDLER]) {
      await expect(grid.getByRole('columnheader').filter({ hasText: name }).first()).toBeVisible();
    }
    const search = page.getByRole('searchbox', { name: 'Search records' });
    for (const text of CORPUS) {
      await search.fill(text);
      // Search has its own idea of what a word is; the row is there if the text can be searched for at all.
      if (/\w{3}/.test(text)) await expect(grid.getByRole('link', { name: text, exact: true }).first()).toBeVisible();
    }
    await search.fill('');
    await look('table');

    const open = async (text: string): Promise<void> => {
      await visit(page, `/t/${stranger.type}/r/${stranger.records[CORPUS.indexOf(text as never)]!}`);
      await expect(pane(page, text)).toBeVisible(PATIENCE);
    };
    await open(IMAGE);
    await expect(box(page, IMAGE, TEXTAREA)).toHaveValue(`${IMAGE}\n${IMAGE}`);
    await look('record');

    // One value changed apart on both devices.
    stranger.client.driver.stop();
    stranger.note(stranger.records[1]!, `theirs ${IMAGE}`);
    await setText(page, IMAGE, TEXTAREA, `ours ${IMAGE}`);
    await expect(chip(page)).toHaveText('All changes synced', PATIENCE);
    stranger.connect(server.url);
    await until('the conflict is there', () => stranger.client.status.kind === 'synced');
    await visit(page, '/review');
    await expect(page.getByText(`theirs ${IMAGE}`).first()).toBeVisible(PATIENCE);
    await expect(page.getByText(`ours ${IMAGE}`).first()).toBeVisible();
    await look('conflicts');

    await open(SVG);
    await pane(page, SVG).getByRole('tab', { name: 'History' }).click();
    await expect(pane(page, SVG).getByRole('tabpanel')).toContainText(SCRIPT);
    await expect(pane(page, SVG).getByRole('tabpanel')).toContainText(IMAGE);
    await look('history');

    await visit(page, '/activity');
    await expect(page.getByRole('main')).toContainText(SCRIPT, PATIENCE);
    await expect(page.getByRole('main')).toContainText(IMAGE);
    await look('activity');

    await visit(page, '/search');
    await page.getByRole('searchbox', { name: 'Search records' }).fill('onerror');
    await expect(page.getByRole('list', { name: 'Records found' })).toContainText(SVG, PATIENCE);
    await look('search');

    await open(TEXTAREA);
    await pane(page, TEXTAREA).getByRole('button', { name: 'Move to Trash' }).click();
    await expect(page.getByRole('button', { name: /^Undo/ }).first()).toBeVisible();
    // Its pane goes to another address when it closes, which would break this one off.
    await expect(pane(page, TEXTAREA)).toBeHidden();
    await visit(page, '/trash');
    await expect(page.getByRole('button', { name: `Restore ${TEXTAREA}` })).toBeVisible(PATIENCE);
    await look('trash');

    await visit(page, `/t/${stranger.type}?asOf=${new Date().toISOString()}`);
    await expect(page.getByRole('region', { name: 'The past' })).toContainText('The book as of', PATIENCE);
    await expect(page.getByRole('grid').getByRole('link', { name: SCRIPT, exact: true })).toBeVisible();
    await look('past');

    await visit(page, `/t/${stranger.type}/fields`);
    await expect(page.getByRole('textbox', { name: 'Name of the type' })).toHaveValue(SVG, PATIENCE);
    await look('fields');

    await page.setViewportSize({ width: 390, height: 844 });
    await visit(page, `/t/${stranger.type}`);
    await expect(page.getByRole('list', { name: SVG })).toContainText(SCRIPT, PATIENCE);
    await look('cards');
    await page.setViewportSize({ width: 1440, height: 900 });

    await visit(page, `/t/${stranger.type}`);
    await page.getByRole('button', { name: 'More for this type' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Export as CSV' }).click();
    expect((await download).suggestedFilename()).toBe('svg onload=xss().csv');
    await expect(page.getByText('Saved svg onload=xss().csv')).toBeVisible();
    await look('export');

    await visit(page, '/import');
    const cells = CORPUS.map((text) => `"${text.replaceAll('"', '""')}","${SVG.replaceAll('"', '""')}"`);
    await page.getByLabel('Choose a file').setInputFiles({
      name: `${IMAGE}.csv`,
      mimeType: 'text/csv',
      buffer: Buffer.from([`"${SCRIPT}","${HANDLER}"`, ...cells].join('\r\n')),
    });
    await expect(page.getByRole('button', { name: `Import ${CORPUS.length} records` })).toBeVisible();
    await expect(page.getByLabel('Name of the new type')).toHaveValue(/onerror=xss\(\)/i);
    await expect(page.getByRole('button', { name: `Kind of ${SCRIPT}` })).toBeVisible();
    await expect(page.getByRole('main')).toContainText(IMAGE);
    await look('import preview');
    await page.getByRole('button', { name: `Import ${CORPUS.length} records` }).click();
    await expect(page.getByRole('grid')).toHaveAttribute('aria-rowcount', String(CORPUS.length + 1), PATIENCE);
    await look('imported');
    await page
      .getByRole('button', { name: /^Undo: / })
      .first()
      .click();
    await expect(page.getByText(/^Undone/)).toBeVisible();
    await look('undo');
    expect(looked).toHaveLength(15);
  } finally {
    stranger.client.close();
  }
});

test('the watch itself: what does run, and what the guards stop, is found', async ({ profile }) => {
  const { page } = await profile();
  const found: string[] = [];
  await watch(page, found);
  await page.goto('/');
  await page.evaluate(() => {
    const link = document.createElement('a');
    link.href = 'javascript:xss()';
    document.body.append(link);
    link.click();
    for (const asCode of [
      () => (link.innerHTML = '<img src=x onerror=xss()>'),
      () => link.setAttribute('onclick', 'xss()'),
    ]) {
      try {
        asCode();
      } catch {
        // Refused, as it should be.
      }
    }
  });
  expect(await foreign(page)).toHaveLength(1);
  await expect.poll(() => found.filter((one) => one.startsWith('script-src')).length).toBeGreaterThan(0);
  await expect.poll(() => found.filter((one) => one.startsWith('require-trusted-types-for')).length).toBeGreaterThan(0);
  expect(found).not.toContain('a script ran');
  await page.evaluate(() => xss());
  await expect.poll(() => found).toContain('a script ran');
});
