import { describe, expect, it, vi } from 'vitest';
import { tabLock } from '../protocol/tabs.ts';
import { Sessions } from './sessions.ts';

/** Locks that tabs hold until they are let go. */
function fakeLocks() {
  const waiting = new Map<string, () => void>();
  return {
    request: ((name: string, { signal }: { signal: AbortSignal }, work: () => void) =>
      new Promise<void>((resolve, reject) => {
        waiting.set(name, () => resolve(work()));
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      })) as LockManager['request'],
    dies: (tab: string) => waiting.get(tabLock(tab))?.(),
  };
}

function line() {
  const { port1, port2 } = new MessageChannel();
  const heard: unknown[] = [];
  port1.onmessage = ({ data }: MessageEvent<unknown>) => heard.push(data);
  return { port: port2, heard };
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('sessions of the leader', () => {
  it('welcome a tab, and free what it had here when it is gone', async () => {
    const locks = fakeLocks();
    const stop = vi.fn<() => void>();
    const sessions = new Sessions(locks, () => stop);
    const tab = line();
    sessions.add('a', tab.port, 7);
    await soon();
    expect(tab.heard).toEqual([{ kind: 'welcome', epoch: 7 }]);
    expect(stop).not.toHaveBeenCalled();
    locks.dies('a');
    expect(stop).toHaveBeenCalledTimes(1);
    expect(sessions.size).toBe(0);
  });

  it('replace the line of a tab that connects anew', async () => {
    const locks = fakeLocks();
    const stops = [vi.fn<() => void>(), vi.fn<() => void>()];
    let served = 0;
    const sessions = new Sessions(locks, () => stops[served++]!);
    const [first, second] = [line(), line()];
    sessions.add('a', first.port, 7);
    sessions.add('a', second.port, 7);
    await soon();
    expect(first.heard).toEqual([{ kind: 'welcome', epoch: 7 }, { kind: 'farewell' }]);
    expect(second.heard).toEqual([{ kind: 'welcome', epoch: 7 }]);
    expect(stops[0]).toHaveBeenCalledTimes(1);
    expect(stops[1]).not.toHaveBeenCalled();
  });

  it('say farewell to every tab when the leader gives up', async () => {
    const sessions = new Sessions(undefined, () => () => undefined);
    const tabs = [line(), line()];
    sessions.add('a', tabs[0]!.port, 1);
    sessions.add('b', tabs[1]!.port, 1);
    sessions.endAll();
    await soon();
    for (const tab of tabs) expect(tab.heard).toEqual([{ kind: 'welcome', epoch: 1 }, { kind: 'farewell' }]);
    expect(sessions.size).toBe(0);
  });
});
