import type { AppendLoad } from './append-load.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type ServerProcess, startProcess } from './server-process.ts';

/**
 * Kills the server with SIGKILL while the load appends to it, again and again, and looks through every book after each restart
 * (`AppendLoad.verify`, which throws). Every other time the death follows an acknowledgement at once.
 * @param begun told before each kill how many have been
 * @returns the server that runs in the end
 */
export async function killAgainAndAgain(
  server: ServerProcess,
  settings: Readonly<Record<string, string>>,
  load: AppendLoad,
  kills: number,
  random: SeededRandom,
  begun: (kill: number) => void = () => {},
): Promise<ServerProcess> {
  let running = server;
  for (let kill = 0; kill < kills; kill++) {
    begun(kill);
    const stop = load.start(running.url);
    await load.after(1 + random.below(40));
    if (kill % 2 === 1) await new Promise((resolve) => setTimeout(resolve, random.below(60)));
    running.kill('SIGKILL');
    await Promise.all([stop(), running.ended]);
    running = await startProcess(settings);
    await load.verify(running.url);
  }
  return running;
}
