import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const main = resolve(import.meta.dirname, '../server/main.ts');

type Environment = Readonly<Record<string, string>>;

export interface ServerProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Everything it has printed so far. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it has ended: its exit code, or the signal that killed it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

const environment = (settings: Environment): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  PORT: '0',
  ...settings,
});

/**
 * Starts the real server as a process of its own and waits until it says where it is.
 * @param before a program and its arguments that ends by running the command behind them in its own place
 */
export const startProcess = (settings: Environment, before: readonly string[] = []): Promise<ServerProcess> =>
  startProgram([main], settings, before);

/**
 * Starts a server as a process of its own and waits until it says `<Name> is at <address>`.
 * @param args its program, and that program's arguments
 */
export async function startProgram(
  args: readonly string[],
  settings: Environment = {},
  before: readonly string[] = [],
): Promise<ServerProcess> {
  const [program, ...rest] = [...before, process.execPath, ...args];
  const child = spawn(program!, rest, { env: environment(settings), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  const url = await new Promise<string>((found, failed) => {
    createInterface(child.stdout).on('line', (line) => {
      output += `${line}\n`;
      const match = /^[\w ]+ is at ((?:http|ws):\/\/\S+)$/.exec(line);
      if (match) found(match[1]!);
    });
    void ended.then((code) => failed(new Error(`the server ended (${code}): ${output}`)));
  });
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid!,
    output: () => output,
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

/** Runs the server's program with arguments and waits for its end, which comes by itself or after ten seconds. */
export function runProgram(
  args: readonly string[],
  settings: Environment,
  before: readonly string[] = [],
): { code: number | null; output: string } {
  const [program, ...rest] = [...before, process.execPath, main, ...args];
  const { status, stdout, stderr } = spawnSync(program!, rest, {
    env: environment(settings),
    encoding: 'utf8',
    timeout: 10_000,
  });
  return { code: status, output: stdout + stderr };
}
