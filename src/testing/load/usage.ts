/** What processes use of the machine, from /proc. Elsewhere than on Linux nothing is known, and null says so. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Of a running process. */
export interface Usage {
  /** Seconds of processor time, user and system, since it began. */
  readonly cpuSeconds: number;
  /** Bytes of memory that are in RAM now, and at the most so far. */
  readonly residentBytes: number;
  readonly peakBytes: number;
}

/** Ticks of a processor's time a second, as Linux tells them to programs: fixed at 100 on every architecture that runs Node. */
const TICKS_A_SECOND = 100;

export function usageOf(pid: number): Usage | null {
  try {
    return parseUsage(readFileSync(`/proc/${pid}/stat`, 'utf8'), readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return null;
  }
}

/** From the texts of a process's `stat` and `status`; null when they are not as Linux writes them. */
export function parseUsage(stat: string, status: string): Usage | null {
  // The name stands in brackets and may hold anything, brackets and spaces included.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1_024;
  const usage = {
    cpuSeconds: ticks / TICKS_A_SECOND,
    residentBytes: bytes('VmRSS'),
    peakBytes: bytes('VmHWM'),
  };
  return Object.values(usage).every(Number.isFinite) ? usage : null;
}

/** Processor time of the whole machine so far, in milliseconds of one core. */
export interface MachineTime {
  readonly busy: number;
  readonly all: number;
}

export function machineTime(): MachineTime {
  let idle = 0;
  let all = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    all += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { busy: all - idle, all };
}

/** Share of the machine that was busy between two readings, 0 to 1. */
export const busyShare = (from: MachineTime, to: MachineTime): number =>
  to.all === from.all ? 0 : (to.busy - from.busy) / (to.all - from.all);
