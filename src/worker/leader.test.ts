import { describe, expect, it } from 'vitest';
import type { FromWorker } from '../protocol/tabs.ts';
import { Leader, type OpenBook, type Opened } from './leader.ts';

/** Web Locks for one name: as in browsers, an abort takes a request out of the queue but does not end a turn. */
class FakeLocks {
  #over: Promise<unknown> = Promise.resolve();
  #held = 0;

  request = ((_name: string, options: { signal: AbortSignal }, work: () => Promise<unknown>) => {
    const free = this.#over;
    const turn = new Promise((resolve, reject) => {
      let granted = false;
      options.signal.addEventListener('abort', () => granted || reject(options.signal.reason as Error));
      void free.then(async () => {
        if (options.signal.aborted) {
          reject(options.signal.reason as Error);
          return;
        }
        granted = true;
        this.#held++;
        if (this.#held > 1) throw new Error('two hold the lock');
        const result = await work();
        this.#held--;
        resolve(result);
      });
    });
    this.#over = Promise.all([free, turn.catch(() => undefined)]);
    return turn;
  }) as LockManager['request'];
}

const soon = (millis = 10) => new Promise((resolve) => setTimeout(resolve, millis));

function worker(locks: FakeLocks, epochs: { last: number }, open?: () => Promise<Opened<OpenBook>>) {
  const said: FromWorker[] = [];
  let files = 0;
  const leader = new Leader({
    locks,
    nextEpoch: () => Promise.resolve(++epochs.last),
    open:
      open ??
      (async () => {
        await soon(1);
        files++;
        return { kind: 'open', book: { close: () => Promise.resolve(void files--) } };
      }),
    tell: (message) => said.push(message),
  });
  return { leader, said, kinds: () => said.map(({ kind }) => kind), files: () => files };
}

describe('the leader', () => {
  it('leads when the lock is free, and the next one takes over with a greater epoch after it let go', async () => {
    const locks = new FakeLocks();
    const epochs = { last: 0 };
    const [a, b] = [worker(locks, epochs), worker(locks, epochs)];
    a.leader.contend();
    b.leader.contend();
    await soon();
    expect(a.said).toEqual([{ kind: 'holding' }, { kind: 'leading', epoch: 1 }]);
    expect(b.said).toEqual([]);
    await a.leader.release();
    expect(a.files()).toBe(0);
    await soon();
    expect(b.said.at(-1)).toEqual({ kind: 'leading', epoch: 2 });
  });

  it('tells a tab that waits that another one leads', async () => {
    const locks = new FakeLocks();
    const epochs = { last: 0 };
    const [a, b] = [worker(locks, epochs), worker(locks, epochs)];
    a.leader.contend();
    b.leader.contend();
    await soon(400);
    expect(b.kinds()).toEqual(['queued']);
    await b.leader.release();
    expect(b.kinds()).toEqual(['queued', 'released']);
    await a.leader.release();
    await soon();
    expect(b.kinds()).toEqual(['queued', 'released']);
  });

  it('closes what it was just opening when it is told to let go meanwhile, and may contend again at once', async () => {
    const a = worker(new FakeLocks(), { last: 0 });
    a.leader.contend();
    await Promise.resolve();
    const released = a.leader.release();
    a.leader.contend();
    await released;
    await soon();
    expect(a.kinds().filter((kind) => kind === 'leading')).toEqual(['leading']);
    expect(a.kinds().at(-1)).toBe('leading');
    expect(a.files()).toBe(1);
  });

  it('gives the lock back when the book cannot be opened, and tries again when asked', async () => {
    const locks = new FakeLocks();
    const epochs = { last: 0 };
    const a = worker(locks, epochs, () => Promise.resolve({ kind: 'failed', message: 'no room' }));
    const b = worker(locks, epochs);
    a.leader.contend();
    b.leader.contend();
    await soon();
    expect(a.said.at(-1)).toEqual({ kind: 'failed', message: 'no room' });
    expect(b.kinds().at(-1)).toBe('leading');
    await b.leader.release();
    a.leader.contend();
    await soon();
    expect(a.kinds()).toEqual(['holding', 'failed', 'holding', 'failed']);
  });
});
