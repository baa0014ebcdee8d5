/** The real sync server as a process of its own, serving the built app, for specs to stop, kill and start again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', '..');
const START_MILLIS = 30_000;
const STOP_MILLIS = 15_000;

export class ServerProcess {
  /** Where the app is served, without a slash at the end; the same after a restart. */
  readonly url: string;
  /** The folder of the server's data; the same after a restart. */
  readonly dataFolder: string;
  readonly #port: number;
  #env: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;
  #output = '';

  private constructor(port: number, dataFolder: string, env: Readonly<Record<string, string>>) {
    this.url = `http://localhost:${port}`;
    this.dataFolder = dataFolder;
    this.#port = port;
    this.#env = env;
  }

  /** Starts a server on a free port with an empty data folder; `env` is added to its environment. */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    const server = new ServerProcess(await freePort(), await mkdtemp(join(tmpdir(), 'daybook-server-')), env);
    try {
      await server.restart();
    } catch (error) {
      await server.dispose();
      throw error;
    }
    return server;
  }

  /** All that the server has printed since its first start, setup codes included. */
  get output(): string {
    return this.#output;
  }

  get running(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /**
   * Starts it again on the same port and data; stops it first if it still runs. Resolves once it has printed its address.
   * @param env added to its environment from now on
   * @throws Error with all it printed, if it ends or says nothing for 30 s.
   */
  async restart(env: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.stop();
    this.#env = { ...this.#env, ...env };
    const inherited = Object.entries(process.env).filter(([name]) => !/^(DAYBOOK_.*|PORT|HOST)$/.test(name));
    const child = spawn(process.execPath, ['src/server/main.ts'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...Object.fromEntries(inherited),
        PORT: String(this.#port),
        DAYBOOK_DATA: this.dataFolder,
        ...this.#env,
      },
    });
    this.#process = child;

    const from = this.#output.length;
    await new Promise<void>((started, failed) => {
      const fail = (why: string): void => failed(new Error(`The server ${why}.\n${this.#output}`));
      const timer = setTimeout(() => fail(`said nothing of its address for ${START_MILLIS} ms`), START_MILLIS);
      const hear = (chunk: Buffer): void => {
        this.#output += chunk.toString();
        if (!this.#output.includes(this.url, from)) return;
        clearTimeout(timer);
        started();
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('error', (error) => fail(`did not start: ${error.message}`));
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        fail(`ended with ${signal ?? code}`);
      });
    });
  }

  /** Kills it as a power cut would, and waits until it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (!this.running) return;
    const gone = this.#ended();
    this.#process?.kill(signal);
    await gone;
  }

  /**
   * Asks it to stop as a service manager would.
   * @throws Error if it has not ended after 15 s, or ends otherwise than with exit code 0; it is gone then.
   */
  async stop(): Promise<void> {
    if (!this.running) return;
    const gone = this.#ended();
    this.#process?.kill('SIGTERM');
    let hangs = false;
    const timer = setTimeout(() => {
      hangs = true;
      this.#process?.kill('SIGKILL');
    }, STOP_MILLIS);
    await gone;
    clearTimeout(timer);
    if (hangs) throw new Error(`The server did not stop within ${STOP_MILLIS} ms.\n${this.#output}`);
    if (this.#process?.exitCode !== 0) throw new Error(`The server stopped with an error.\n${this.#output}`);
  }

  /** Ends it, whatever its state, and removes its data. */
  async dispose(): Promise<void> {
    await this.kill();
    await rm(this.dataFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  #ended(): Promise<void> {
    return new Promise((done) => this.#process?.once('exit', () => done()));
  }
}

/** A port of the loopback that nobody listens on at this moment. */
function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === 'string') failed(new Error('no port was given'));
        else found(address.port);
      });
    });
  });
}
