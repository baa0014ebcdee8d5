/** Whether a figure says something about the server, or about the client that put it under load. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { percentile } from '../statistics.ts';

/** How busy a client process was while it measured. */
export interface ClientLoad {
  /** Share of the time in which its event loop had work, 0 to 1. */
  readonly loop: number;
  /** Share of one core that it used; more than 1 with helper threads. */
  readonly cpu: number;
  /** 99th percentile of how late its timers were, in milliseconds. */
  readonly delayMillis: number;
}

/** How busy everything was while something was measured; null where the machine does not tell. */
export interface Load {
  readonly clients: readonly ClientLoad[];
  /** Share of one core. */
  readonly server: number | null;
  /** Share of all cores, whoever used them, 0 to 1. */
  readonly machine: number;
}

/**
 * What held the figure down:
 * - `client`: a client process was busy all the time, so the server may be faster than this figure;
 * - `machine`: no core was free, neither side could have more: server and client (or others) share them;
 * - `server`: it was busy, and everybody else had time left;
 * - `waiting`: nobody was busy: for the disk, or for each other.
 */
export type Limit = 'client' | 'machine' | 'server' | 'waiting';

/** From here on something counts as busy all the time. */
const FULL = 0.9;

export function limitOf({ clients, server, machine }: Load): Limit {
  if (clients.some(({ loop }) => loop >= FULL)) return 'client';
  if (server !== null && server >= FULL) return 'server';
  return machine >= FULL ? 'machine' : 'waiting';
}

/** The busiest of several client processes. */
export function busiest(clients: readonly ClientLoad[]): ClientLoad {
  return {
    loop: Math.max(0, ...clients.map(({ loop }) => loop)),
    cpu: Math.max(0, ...clients.map(({ cpu }) => cpu)),
    delayMillis: Math.max(0, ...clients.map(({ delayMillis }) => delayMillis)),
  };
}

/** Watches this process from now on; what is returned ends that and says what was seen. */
export function watchLoad(): () => ClientLoad {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const loop = performance.eventLoopUtilization();
  const cpu = process.cpuUsage();
  const start = performance.now();
  return () => {
    delay.disable();
    const { user, system } = process.cpuUsage(cpu);
    return {
      loop: performance.eventLoopUtilization(loop).utilization,
      cpu: (user + system) / 1_000 / (performance.now() - start),
      // The histogram counts the resolution itself as delay.
      delayMillis: Math.max(0, delay.percentile(99) / 1e6 - 10),
    };
  };
}

/** Times of one kind of work, in milliseconds. */
export interface Times {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
}

export const timesOf = (millis: readonly number[]): Times => ({
  count: millis.length,
  p50: millis.length === 0 ? Number.NaN : percentile(millis, 0.5),
  p99: millis.length === 0 ? Number.NaN : percentile(millis, 0.99),
});
