import type { Running } from './contenders.ts';
import { limitOf, type ClientLoad, type Limit, type Load } from './saturation.ts';
import { busyShare, machineTime, usageOf } from './usage.ts';

/** Memory of a server process in bytes; null where the machine does not tell. */
export interface Memory {
  readonly now: number;
  readonly peak: number;
}

export interface Watched extends Load {
  readonly limit: Limit;
  readonly memory: Memory | null;
  /** Processor time that the server used; null where the machine does not tell. */
  readonly cpuSeconds: number | null;
}

export function memoryOf({ process }: Running): Memory | null {
  const usage = usageOf(process.pid);
  return usage && { now: usage.residentBytes, peak: usage.peakBytes };
}

/** Watches a server and the machine from now on; what is returned ends that, given what the clients say of themselves. */
export function watchServer(running: Running): (clients: readonly ClientLoad[]) => Watched {
  const { pid } = running.process;
  const start = performance.now();
  const machine = machineTime();
  const before = usageOf(pid);
  return (clients) => {
    const after = usageOf(pid);
    const seconds = (performance.now() - start) / 1_000;
    const cpuSeconds = before && after && after.cpuSeconds - before.cpuSeconds;
    const load: Load = {
      clients,
      server: cpuSeconds === null ? null : cpuSeconds / seconds,
      machine: busyShare(machine, machineTime()),
    };
    return { ...load, limit: limitOf(load), memory: memoryOf(running), cpuSeconds };
  };
}
