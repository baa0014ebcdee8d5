/** Several tabs, one book: whatever happens to one of them, the others go on and nothing is lost. */
import {
  byRole,
  connection,
  expect,
  makeType,
  namesIn,
  openTab,
  shownIn,
  startWriting,
  stopWriting,
  test,
} from './harness/client-fixtures.ts';
import { rendererOf } from './harness/renderer.ts';

const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

/** How long another tab may take over for; measured: 0.1 to 0.3 s. */
const GAP_MILLIS = 5_000;

test('three tabs that edit at once lose nothing and show what the others wrote', async ({ device }) => {
  const tabs = [await openTab(device, 'A'), await openTab(device, 'B'), await openTab(device, 'C')];
  await makeType(tabs[0]!);
  for (const [i, tab] of tabs.entries()) await startWriting(tab, `tab${i}`);
  for (const tab of tabs) {
    await expect.poll(() => tab.evaluate(() => writer.acknowledged.length), { timeout: 30_000 }).toBeGreaterThan(100);
  }
  const written = await Promise.all(tabs.map(stopWriting));
  for (const tab of written) expect(tab.failed).toEqual([]);
  const acknowledged = written.flatMap((tab) => tab.acknowledged).toSorted();
  for (const tab of tabs) await expect.poll(async () => (await shownIn(tab)).toSorted()).toEqual(acknowledged);
});

test('an edit in one tab shows in the other by itself', async ({ device }) => {
  const [a, b] = [await openTab(device, 'A'), await openTab(device, 'B')];
  await makeType(a);
  await shownIn(b);
  await startWriting(a, 'seen');
  await expect.poll(() => shownIn(b), { intervals: [50] }).toContain('seen-0');
  await stopWriting(a);
});

for (const end of ['closed', 'crashed', 'reloaded'] as const) {
  test(`a leader that is ${end} in the middle of writes interrupts nobody and loses nothing`, async ({ device }) => {
    const tabs = [await openTab(device, 'A'), await openTab(device, 'B'), await openTab(device, 'C')];
    await makeType(tabs[0]!);
    const { leader, others } = await byRole(tabs);
    for (const [i, tab] of [leader, ...others].entries()) await startWriting(tab, `tab${i}`);
    await pause(400);
    const before = await leader.evaluate(() => [...writer.acknowledged]);
    if (end === 'closed') await leader.close();
    else if (end === 'reloaded') await leader.reload();
    else void (await device.context.newCDPSession(leader)).send('Page.crash').catch(() => undefined);
    await expect
      .poll(async () => (await Promise.all(others.map(connection))).map(({ kind }) => kind))
      .toEqual(['ready', 'ready']);
    await pause(800);
    const written = await Promise.all(others.map(stopWriting));
    const names = await namesIn(others[0]!);
    for (const tab of written) {
      expect(tab.failed).toEqual([]);
      expect(tab.longestMillis).toBeLessThan(GAP_MILLIS);
    }
    const acknowledged = [...before, ...written.flatMap((tab) => tab.acknowledged)];
    expect(acknowledged.filter((name) => !names.includes(name))).toEqual([]);
    // Asked again of the next leader, and yet carried out once.
    expect(new Set(names).size).toBe(names.length);
    for (const tab of others) await expect.poll(async () => (await shownIn(tab)).length).toBe(names.length);
  });
}

test('a frozen leader is named by the others, new ones too, and everybody goes on when it wakes', async ({
  device,
}) => {
  const tabs = [await openTab(device, 'First'), await openTab(device, 'Second')];
  await makeType(tabs[0]!);
  const { leader, others } = await byRole(tabs);
  const [other] = others;
  const renderer = await rendererOf(leader);
  const frozen = { kind: 'frozen', title: await leader.title() };
  renderer.stop();
  try {
    await startWriting(other!, 'meanwhile');
    await expect.poll(() => connection(other!), { timeout: 15_000 }).toEqual(frozen);
    const late = await device.tab();
    await late.goto('/');
    await expect.poll(() => connection(late), { timeout: 15_000 }).toEqual(frozen);
    renderer.resume();
    for (const tab of [other!, late]) {
      await expect.poll(() => connection(tab).then(({ kind }) => kind)).toBe('ready');
    }
    const written = await stopWriting(other!);
    expect(written.failed).toEqual([]);
    expect(await namesIn(late)).toEqual(written.acknowledged);
  } finally {
    renderer.resume();
  }
});

test('a leader that is put to sleep in good order hands over, and contends again when it wakes', async ({ device }) => {
  const tabs = [await openTab(device, 'A'), await openTab(device, 'B')];
  await makeType(tabs[0]!);
  const { leader, others } = await byRole(tabs);
  await startWriting(others[0]!, 'awake');
  await leader.evaluate(() => document.dispatchEvent(new Event('freeze')));
  await expect.poll(() => connection(others[0]!)).toMatchObject({ kind: 'ready', leading: true });
  await leader.evaluate(() => document.dispatchEvent(new Event('resume')));
  await expect.poll(() => connection(leader)).toMatchObject({ kind: 'ready', leading: false });
  await leader.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  });
  await expect.poll(() => connection(leader)).toMatchObject({ kind: 'ready' });
  await others[0]!.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  await expect.poll(() => connection(leader)).toMatchObject({ kind: 'ready', leading: true });
  await others[0]!.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  await expect.poll(() => connection(others[0]!)).toMatchObject({ kind: 'ready', leading: false });
  const written = await stopWriting(others[0]!);
  expect(written.failed).toEqual([]);
  expect((await namesIn(leader)).toSorted()).toEqual(written.acknowledged.toSorted());
});

test('a leader that is busy for long is waited for, not called frozen', async ({ device }) => {
  const tabs = [await openTab(device, 'A'), await openTab(device, 'B')];
  await makeType(tabs[0]!);
  const { leader, others } = await byRole(tabs);
  const [other] = others;
  const [worker] = leader.workers();
  const busy = worker!.evaluate(() => {
    const until = performance.now() + 14_000;
    while (performance.now() < until);
  });
  await startWriting(other!, 'patient');
  await expect.poll(() => connection(other!), { timeout: 13_000 }).toEqual({ kind: 'waiting' });
  await busy;
  await expect.poll(() => connection(other!)).toMatchObject({ kind: 'ready' });
  expect((await stopWriting(other!)).failed).toEqual([]);
  expect(await other!.evaluate(() => connections)).not.toContain('frozen');
});

test('without SharedWorker a second tab says that the book is open elsewhere, and takes over when it closes', async ({
  device,
}) => {
  await device.context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
  const first = await openTab(device, 'A');
  await makeType(first);
  const second = await device.tab();
  await second.goto('/');
  await expect.poll(() => connection(second)).toEqual({ kind: 'elsewhere' });
  await first.close();
  await expect.poll(() => connection(second)).toMatchObject({ kind: 'ready', leading: true });
  expect(await namesIn(second)).toEqual([]);
});

test('where nothing can be kept the tab says so, and works in memory', async ({ device }) => {
  await device.context.route(/worker-.*\.js$/, async (route) => {
    const response = await route.fetch();
    const body = `delete StorageManager.prototype.getDirectory;\n${await response.text()}`;
    await route.fulfill({ response, body });
  });
  await device.page.goto('/');
  await expect.poll(() => connection(device.page)).toEqual({ kind: 'unsaved' });
  await makeType(device.page);
  expect(await namesIn(device.page)).toEqual([]);
});

test('a tab whose engine does not load says so, and recovers when it does', async ({ device }) => {
  await device.context.route(/\.wasm$/, (route) => route.fulfill({ status: 404 }));
  await device.page.goto('/');
  await expect.poll(() => connection(device.page).then(({ kind }) => kind)).toBe('failed');
  await device.context.unrouteAll();
  await expect.poll(() => connection(device.page), { timeout: 15_000 }).toMatchObject({ kind: 'ready' });
});
