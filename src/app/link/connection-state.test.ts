import { describe, expect, it } from 'vitest';
import { connectionOf, type Facts } from './connection-state.ts';

const start: Facts = {
  worker: null,
  link: null,
  connectedBefore: false,
  unlinked: 0,
  leaderHeard: null,
  foreign: false,
  outdated: false,
  broker: true,
  holder: null,
};
const tell = (facts: Partial<Facts>) => connectionOf({ ...start, ...facts });

describe('how a tab says it is connected', () => {
  it('is opening at first, and tells the person when nothing comes of it', () => {
    expect(tell({})).toEqual({ kind: 'opening' });
    expect(tell({ worker: { kind: 'holding' }, unlinked: 29 })).toEqual({ kind: 'opening' });
    expect(tell({ worker: { kind: 'holding' }, unlinked: 30 })).toMatchObject({ kind: 'failed' });
  });

  it('is ready with a line to a leader, its own or that of another tab', () => {
    expect(tell({ worker: { kind: 'leading', epoch: 7 }, link: { epoch: 7, own: true, silent: 0 } })).toEqual({
      kind: 'ready',
      leading: true,
      epoch: 7,
    });
    expect(tell({ worker: { kind: 'queued' }, link: { epoch: 7, own: false, silent: 4 } })).toEqual({
      kind: 'ready',
      leading: false,
      epoch: 7,
    });
  });

  it('waits while the leader changes', () => {
    expect(tell({ connectedBefore: true })).toEqual({ kind: 'waiting' });
    expect(tell({ connectedBefore: true, worker: { kind: 'holding' }, unlinked: 60 })).toEqual({ kind: 'waiting' });
  });

  it('waits for a leader whose worker is busy while its page lives', () => {
    const silent = { connectedBefore: true, link: { epoch: 1, own: false, silent: 8 }, holder: 'Airports' };
    expect(tell({ ...silent, leaderHeard: 1 })).toEqual({ kind: 'waiting' });
    expect(tell({ ...silent, leaderHeard: 6 })).toEqual({ kind: 'frozen', title: 'Airports' });
  });

  it('names the frozen tab that holds the data, to a tab that never reached it too', () => {
    expect(tell({ worker: { kind: 'queued' }, unlinked: 4, holder: 'Airports' })).toEqual({ kind: 'opening' });
    expect(tell({ worker: { kind: 'queued' }, unlinked: 5, holder: 'Airports' })).toEqual({
      kind: 'frozen',
      title: 'Airports',
    });
  });

  it('says that the book is open elsewhere without a SharedWorker', () => {
    expect(tell({ broker: false, worker: { kind: 'queued' } })).toEqual({ kind: 'elsewhere' });
    expect(tell({ broker: false, worker: { kind: 'queued' }, leaderHeard: 0 })).toEqual({ kind: 'elsewhere' });
  });

  it('asks to be reloaded once a newer build was heard, whatever else there is', () => {
    expect(tell({ outdated: true })).toEqual({ kind: 'outdated' });
    const link = { epoch: 7, own: true, silent: 0 };
    expect(tell({ outdated: true, worker: { kind: 'leading', epoch: 7 }, link })).toEqual({ kind: 'outdated' });
  });

  it('waits for a tab of an older build to let go, and says so when it does not', () => {
    const older = { foreign: true, worker: { kind: 'queued' }, leaderHeard: 0 } as const;
    expect(tell({ ...older, unlinked: 4 })).toEqual({ kind: 'opening' });
    expect(tell({ ...older, unlinked: 5 })).toEqual({ kind: 'behind' });
  });

  it('works in memory only where nothing lasts, and says so', () => {
    expect(tell({ worker: { kind: 'unsaved' }, link: { epoch: 1, own: true, silent: 0 } })).toEqual({
      kind: 'unsaved',
    });
  });

  it('keeps its own failure to itself while another tab serves it', () => {
    const failed = { kind: 'failed', message: 'no wasm' } as const;
    expect(tell({ worker: failed, link: { epoch: 3, own: false, silent: 0 } })).toMatchObject({ kind: 'ready' });
    expect(tell({ worker: failed, unlinked: 0 })).toEqual({ kind: 'opening' });
    expect(tell({ worker: failed, unlinked: 1 })).toEqual(failed);
    expect(tell({ worker: { kind: 'newer' } })).toEqual({ kind: 'newer' });
  });
});
