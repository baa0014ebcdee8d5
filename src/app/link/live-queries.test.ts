import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseId, type EntityId } from '../../core/ids.ts';
import type { Query } from '../../core/query.ts';
import { LiveQueries, type AnswerSource } from './live-queries.ts';

const id = parseId<EntityId>('01890000-0000-7000-8000-000000000001')!;

function source() {
  const open = new Map<number, { query: Query; onAnswer: (text: string) => void }>();
  let last = 0;
  const answers: AnswerSource = {
    subscribe: (query, onAnswer) => {
      open.set(++last, { query, onAnswer });
      return Promise.resolve(last);
    },
    unsubscribe: (subscription) => {
      open.delete(subscription);
      return Promise.resolve();
    },
  };
  return {
    ...answers,
    open,
    tell: (answer: unknown) => open.forEach(({ onAnswer }) => onAnswer(JSON.stringify(answer))),
  };
}

describe('live queries', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('share one subscription among equal queries, however they are written', () => {
    const live = new LiveQueries();
    const leader = source();
    live.connect(leader);
    const a = live.watch({ kind: 'history', entityId: id, limit: 10 });
    const b = live.watch({ limit: 10, entityId: id, kind: 'history' });
    expect(b).toBe(a);
    expect(leader.open.size).toBe(0);
    const heard = vi.fn<() => void>();
    a.subscribe(heard);
    b.subscribe(heard);
    expect(leader.open.size).toBe(1);
    leader.tell({ changes: [], next: null });
    expect(heard).toHaveBeenCalledTimes(2);
    expect(a.getSnapshot()).toEqual({ changes: [], next: null });
  });

  it('keep the identity of what has not changed, and say nothing when nothing has', () => {
    const live = new LiveQueries();
    const leader = source();
    live.connect(leader);
    const people = live.watch({ kind: 'people' });
    const heard = vi.fn<() => void>();
    people.subscribe(heard);
    leader.tell({
      self: 'a',
      clients: [
        { id: 'a', name: 'Phone' },
        { id: 'b', name: 'Desk' },
      ],
      users: [],
    });
    const before = people.getSnapshot();
    leader.tell({
      self: 'a',
      clients: [
        { id: 'a', name: 'Phone' },
        { id: 'b', name: 'Desk' },
      ],
      users: [],
    });
    expect(heard).toHaveBeenCalledTimes(1);
    leader.tell({
      self: 'a',
      clients: [
        { id: 'a', name: 'Phone' },
        { id: 'b', name: 'Laptop' },
      ],
      users: [],
    });
    expect(heard).toHaveBeenCalledTimes(2);
    expect(people.getSnapshot()!.clients[0]).toBe(before!.clients[0]);
    expect(people.getSnapshot()!.clients[1]).not.toBe(before!.clients[1]);
    expect(people.getSnapshot()!.users).toBe(before!.users);
  });

  it('ask the next leader, show the last answer meanwhile, and hear no more of the one before', () => {
    const live = new LiveQueries();
    const [first, second] = [source(), source()];
    live.connect(first);
    const undo = live.watch({ kind: 'undo' });
    undo.subscribe(() => undefined);
    first.tell({ undo: 'Edit Status', redo: null });
    live.disconnect();
    expect(undo.getSnapshot()).toEqual({ undo: 'Edit Status', redo: null });
    live.connect(second);
    expect(second.open.size).toBe(1);
    first.tell({ undo: 'stale', redo: null });
    expect(undo.getSnapshot()).toEqual({ undo: 'Edit Status', redo: null });
    second.tell({ undo: null, redo: null });
    expect(undo.getSnapshot()).toEqual({ undo: null, redo: null });
  });

  it('linger for a moment after the last listener, then unsubscribe and still keep the answer', async () => {
    const live = new LiveQueries();
    const leader = source();
    live.connect(leader);
    const stop = live.watch({ kind: 'undo' }).subscribe(() => undefined);
    leader.tell({ undo: 'Edit Status', redo: null });
    stop();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(leader.open.size).toBe(1);
    live.watch({ kind: 'undo' }).subscribe(() => undefined)();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(leader.open.size).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(leader.open.size).toBe(0);
    expect(live.watch({ kind: 'undo' }).getSnapshot()).toEqual({ undo: 'Edit Status', redo: null });
  });

  it('go on for those that listen when many others are looked at', () => {
    const live = new LiveQueries();
    const leader = source();
    live.connect(leader);
    const kept = live.watch({ kind: 'schema' });
    kept.subscribe(() => undefined);
    for (let limit = 1; limit <= 200; limit++) live.watch({ kind: 'conflicts', limit });
    expect(live.watch({ kind: 'schema' })).toBe(kept);
    const next = source();
    live.disconnect();
    live.connect(next);
    expect([...next.open.values()].map(({ query }) => query.kind)).toEqual(['schema']);
  });
});
