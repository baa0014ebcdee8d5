import { describe, expect, it, vi } from 'vitest';
import { Calls, UnansweredError } from './calls.ts';

interface Leader {
  readonly answers: (() => void)[];
  ask(): Promise<string>;
}

function leader(name: string): Leader {
  const answers: (() => void)[] = [];
  return { answers, ask: () => new Promise((resolve) => answers.push(() => resolve(name))) };
}

describe('calls to the leader', () => {
  it('wait for the first leader', async () => {
    const calls = new Calls<Leader>();
    const answer = calls.ask((to) => to.ask());
    const first = leader('first');
    calls.connect(first);
    first.answers[0]!();
    expect(await answer).toBe('first');
    expect(calls.count).toBe(0);
  });

  it('are asked again of the next leader when the first goes without an answer', async () => {
    const calls = new Calls<Leader>();
    const [first, second] = [leader('first'), leader('second')];
    calls.connect(first);
    const answer = calls.ask((to) => to.ask());
    calls.disconnect();
    calls.connect(second);
    expect(calls.count).toBe(1);
    second.answers[0]!();
    expect(await answer).toBe('second');
  });

  it('take the answer of the first leader when it comes late after all', async () => {
    const calls = new Calls<Leader>();
    const [first, second] = [leader('first'), leader('second')];
    calls.connect(first);
    const answer = calls.ask((to) => to.ask());
    calls.disconnect();
    first.answers[0]!();
    expect(await answer).toBe('first');
    const again = vi.spyOn(second, 'ask');
    calls.connect(second);
    expect(again).not.toHaveBeenCalled();
  });

  it('pass on what the leader throws, but not what a cut line says', async () => {
    const calls = new Calls<{ ask: () => Promise<string> }>();
    calls.connect({ ask: () => Promise.reject(new Error('no such query')) });
    await expect(calls.ask((to) => to.ask())).rejects.toThrow('no such query');

    let cut = (): void => undefined;
    calls.connect({ ask: () => new Promise((_, reject) => (cut = () => reject(new Error('cut')))) });
    const answer = calls.ask((to) => to.ask());
    calls.disconnect();
    cut();
    calls.connect({ ask: () => Promise.resolve('next') });
    expect(await answer).toBe('next');
  });

  it('are given up after half a minute without a leader, and after five minutes with a busy one', async () => {
    const calls = new Calls<Leader>();
    const lost = calls.ask((to) => to.ask());
    for (let i = 0; i < 29; i++) calls.tick(false);
    expect(calls.count).toBe(1);
    calls.tick(false);
    await expect(lost).rejects.toBeInstanceOf(UnansweredError);

    calls.connect(leader('busy'));
    const busy = calls.ask((to) => to.ask());
    for (let i = 0; i < 299; i++) calls.tick(true);
    expect(calls.count).toBe(1);
    calls.tick(true);
    await expect(busy).rejects.toBeInstanceOf(UnansweredError);
  });
});
