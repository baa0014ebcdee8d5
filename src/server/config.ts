/** What the environment says, read once and checked. docs/server.md lists every variable. */
import { resolve } from 'node:path';
import { isLoopbackName } from './http/address.ts';

export interface Config {
  readonly port: number;
  /** Name or address to listen on. */
  readonly host: string;
  readonly dataFolder: string;
  /** Folder of the built app. */
  readonly appFolder: string;
  /** Whether a TLS proxy of ours stands before us, and its X-Forwarded-For can be believed. */
  readonly behindProxy: boolean;
  /** Origins of pages, other than our own, that may use the API. */
  readonly origins: readonly string[];
  /** Sync servers, other than this one, that the app served here may be linked to. */
  readonly connect: 'any' | readonly string[];
  /** How long messages are kept that a snapshot stands in for, in milliseconds; null: for good. */
  readonly retainMillis: number | null;
  /** `debug` writes a line for each request. */
  readonly log: 'quiet' | 'debug';
}

/** A setting that cannot be worked with; the message says which, and what would do. */
export class ConfigError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws ConfigError. @param folder where the program is installed */
export function readConfig(env: Environment, folder: string): Config {
  const host = env['HOST']?.trim() || 'localhost';
  const behindProxy = flag(env, 'DAYBOOK_TRUST_PROXY');
  if (!behindProxy && !isLoopbackName(host)) {
    throw new ConfigError(
      `HOST=${host} would serve plain HTTP beyond this machine, where browsers give apps no storage and everybody can listen. ` +
        'Put a TLS proxy before Daybook and set DAYBOOK_TRUST_PROXY=1, or leave HOST out (docs/server.md shows how).',
    );
  }
  return {
    port: port(env['PORT']),
    host,
    dataFolder: resolve(env['DAYBOOK_DATA']?.trim() || './data'),
    appFolder: resolve(env['DAYBOOK_APP']?.trim() || resolve(folder, 'dist')),
    behindProxy,
    origins: origins(env, 'DAYBOOK_ORIGINS'),
    connect: env['DAYBOOK_CONNECT']?.trim() === 'any' ? 'any' : origins(env, 'DAYBOOK_CONNECT'),
    retainMillis: retention(env['DAYBOOK_RETAIN']),
    log: logLevel(env['DAYBOOK_LOG']),
  };
}

function port(text: string | undefined): number {
  if (text === undefined || text.trim() === '') return 8787;
  const value = /^\d{1,5}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value <= 65_535)) throw new ConfigError(`PORT=${text} is not a port: 0 (any free one) to 65535.`);
  return value;
}

function flag(env: Environment, name: string): boolean {
  const text = env[name]?.trim() ?? '';
  if (text === '' || text === '0') return false;
  if (text === '1') return true;
  throw new ConfigError(`${name}=${text}: expected 1 or 0.`);
}

function logLevel(text: string | undefined): Config['log'] {
  const level = text?.trim() || 'quiet';
  if (level === 'quiet' || level === 'debug') return level;
  throw new ConfigError(`DAYBOOK_LOG=${text}: expected debug or quiet.`);
}

function retention(text: string | undefined): number | null {
  const value = text?.trim() || 'all';
  if (value === 'all') return null;
  const days = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (days < 1) throw new ConfigError(`DAYBOOK_RETAIN=${text}: expected all, or a number of days from 1 on.`);
  return days * 86_400_000;
}

function origins(env: Environment, name: string): string[] {
  return (env[name] ?? '')
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map((part) => {
      let url: URL | null = null;
      try {
        url = new URL(part);
      } catch {
        // Told below.
      }
      if (!url || !/^https?:$/.test(url.protocol) || `${url.origin}/` !== url.href) {
        throw new ConfigError(`${name}: ${part} is not an origin such as https://daybook.example.org.`);
      }
      return url.origin;
    });
}
