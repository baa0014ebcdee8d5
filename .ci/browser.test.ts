import { describe, expect, test } from 'vitest';
import { pickBrowser, pickShell, placesToLook, type Machine } from './browser.ts';

/** A machine on which nothing exists but `files`, of which those in `snaps` belong to a snap. */
function machine(
  platform: NodeJS.Platform,
  env: Machine['env'],
  files: readonly string[] = [],
  snaps: readonly string[] = [],
): Machine {
  return {
    platform,
    env,
    exists: (path) => files.includes(path),
    isSnap: (path) => snaps.includes(path),
  };
}

describe('where a browser is looked for', () => {
  test('what the environment names is used alone, even when it is not there', () => {
    expect(placesToLook(machine('linux', { CHROMIUM_PATH: '/my/chrome', PATH: '/usr/bin' }))).toEqual(['/my/chrome']);
    expect(placesToLook(machine('linux', { CHROMIUM_PATH: '', DAYBOOK_BROWSER: '/b' }))).toEqual(['/b']);
  });

  test('an empty variable names nothing', () => {
    const files = ['/usr/bin/chromium'];
    expect(pickBrowser(machine('linux', { CHROMIUM_PATH: '', PATH: '/bin:/usr/bin' }, files))).toBe(files[0]);
  });

  test('Chromium comes before Chrome, wherever on PATH the two are', () => {
    const files = ['/a/google-chrome', '/b/chromium'];
    expect(pickBrowser(machine('linux', { PATH: '/a:/b' }, files))).toBe('/b/chromium');
  });

  test('a snap is passed over: its sandbox cannot read the profiles of the tests', () => {
    const files = ['/usr/bin/chromium', '/usr/bin/google-chrome'];
    expect(pickBrowser(machine('linux', { PATH: '/usr/bin' }, files, ['/usr/bin/chromium']))).toBe(files[1]);
  });

  test('macOS and Windows have theirs in folders of applications', () => {
    const mac = '/Users/a/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
    expect(pickBrowser(machine('darwin', { HOME: '/Users/a', PATH: '/usr/bin' }, [mac]))).toBe(mac);
    const edge = 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe';
    const env = { 'PROGRAMFILES(X86)': 'C:\\Program Files (x86)', Path: 'C:\\Windows' };
    expect(pickBrowser(machine('win32', env, [edge]))).toBe(edge);
  });

  test('nothing is found on an empty machine', () => {
    expect(pickBrowser(machine('linux', {}))).toBeUndefined();
  });
});

describe('which headless shell is taken', () => {
  const files = ['/usr/bin/chromium', '/usr/bin/chromium-headless-shell', '/my/shell'];

  test('one on PATH, which is never taken for a browser', () => {
    const debian = machine('linux', { PATH: '/bin:/usr/bin' }, files);
    expect(pickShell(debian)).toBe(files[1]);
    expect(pickBrowser(debian)).toBe(files[0]);
  });

  test('none beside a browser that was asked for, unless it was asked for as well', () => {
    const env = { CHROMIUM_PATH: '/usr/bin/chromium', PATH: '/usr/bin' };
    expect(pickShell(machine('linux', env, files))).toBeUndefined();
    expect(pickShell(machine('linux', { ...env, DAYBOOK_SHELL: '' }, files))).toBeUndefined();
    expect(pickShell(machine('linux', { ...env, DAYBOOK_SHELL: '/my/shell' }, files))).toBe('/my/shell');
  });

  test('none where there is none', () => {
    expect(pickShell(machine('linux', { PATH: '/usr/bin' }, ['/usr/bin/chromium']))).toBeUndefined();
    expect(pickShell(machine('linux', { DAYBOOK_SHELL: '/gone', PATH: '/usr/bin' }, files))).toBeUndefined();
  });
});
