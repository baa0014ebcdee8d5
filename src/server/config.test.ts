import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const read = (env: Record<string, string>) => readConfig(env, '/opt/daybook');

describe('the environment', () => {
  test('left alone, keeps the server on this machine', () => {
    expect(read({})).toMatchObject({
      port: 8787,
      host: 'localhost',
      appFolder: '/opt/daybook/dist',
      behindProxy: false,
      origins: [],
      connect: [],
      retainMillis: null,
      log: 'quiet',
    });
    expect(read({ PORT: '', DAYBOOK_DATA: '' }).dataFolder).toBe(`${process.cwd()}/data`);
  });

  test('says how long messages are kept: for good, or a number of days', () => {
    expect(read({ DAYBOOK_RETAIN: 'all' }).retainMillis).toBeNull();
    expect(read({ DAYBOOK_RETAIN: ' 90 ' }).retainMillis).toBe(90 * 86_400_000);
    for (const wrong of ['0', '-1', '1.5', 'none']) {
      expect(() => read({ DAYBOOK_RETAIN: wrong })).toThrow(`DAYBOOK_RETAIN=${wrong}`);
    }
  });

  test('is read as docs/server.md says', () => {
    const config = read({
      PORT: '0',
      HOST: '0.0.0.0',
      DAYBOOK_DATA: '/srv/daybook',
      DAYBOOK_TRUST_PROXY: '1',
      DAYBOOK_ORIGINS: 'https://a.example, http://localhost:5173',
      DAYBOOK_CONNECT: 'https://book.example',
      DAYBOOK_LOG: 'debug',
    });
    expect(read({ DAYBOOK_CONNECT: ' any ' }).connect).toBe('any');
    expect(config).toMatchObject({
      port: 0,
      host: '0.0.0.0',
      dataFolder: '/srv/daybook',
      behindProxy: true,
      origins: ['https://a.example', 'http://localhost:5173'],
      connect: ['https://book.example'],
      log: 'debug',
    });
  });

  test.each([
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '80a'],
    ['HOST', '0.0.0.0'],
    ['HOST', '192.168.1.5'],
    ['HOST', '::'],
    ['HOST', 'localhost.example.org'],
    ['DAYBOOK_TRUST_PROXY', 'yes'],
    ['DAYBOOK_LOG', 'loud'],
    ['DAYBOOK_ORIGINS', 'daybook.example.org'],
    ['DAYBOOK_ORIGINS', 'https://a.example/path'],
    ['DAYBOOK_ORIGINS', '*'],
    ['DAYBOOK_CONNECT', '*'],
    ['DAYBOOK_CONNECT', "https://a.example; script-src 'unsafe-inline'"],
  ])('%s=%s is refused, by name', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(ConfigError);
    expect(() => read({ [name]: value })).toThrow(name);
  });

  test.each(['localhost', '127.0.0.1', '127.0.0.53', '::1', 'LOCALHOST'])('%s is this machine', (host) => {
    expect(read({ HOST: host }).host).toBe(host);
  });
});
