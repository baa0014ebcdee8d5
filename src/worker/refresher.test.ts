import { describe, expect, it } from 'vitest';
import { Refresher } from './refresher.ts';

function clockwork(costMillis: number) {
  let now = 1_000;
  const timers: { at: number; work: () => void }[] = [];
  const refreshedAt: number[] = [];
  const refresher = new Refresher({
    refresh: () => {
      refreshedAt.push(now);
      now += costMillis;
    },
    now: () => now,
    later: (work, millis) => timers.push({ at: now + millis, work }),
  });
  const pass = (millis: number) => {
    const until = now + millis;
    for (let timer = timers.shift(); timer; timer = timers.shift()) {
      if (timer.at > until) {
        timers.unshift(timer);
        break;
      }
      now = Math.max(now, timer.at);
      timer.work();
    }
    now = Math.max(now, until);
  };
  return { refresher, refreshedAt, pass };
}

describe('live queries are answered again', () => {
  it('at once after an edit', () => {
    const { refresher, refreshedAt } = clockwork(2);
    refresher.changed();
    expect(refreshedAt).toEqual([1_000]);
  });

  it('for no more than a fifth of the time, and never too few times', () => {
    const { refresher, refreshedAt, pass } = clockwork(10);
    for (let i = 0; i < 100; i++) {
      refresher.changed();
      pass(1);
    }
    pass(100);
    expect(refreshedAt.slice(0, 3)).toEqual([1_000, 1_050, 1_100]);
    expect(refreshedAt.length).toBeLessThan(8);
    const last = refreshedAt.length;
    pass(1_000);
    expect(refreshedAt.length).toBe(last);
  });

  it('again after a refresh that failed', () => {
    let failing = true;
    let refreshed = 0;
    const refresher = new Refresher({
      refresh: () => {
        if (failing) throw new Error('disk');
        refreshed++;
      },
      now: () => 0,
      later: (work) => work(),
    });
    expect(() => refresher.changed()).toThrow('disk');
    failing = false;
    refresher.changed();
    expect(refreshed).toBe(1);
  });
});
