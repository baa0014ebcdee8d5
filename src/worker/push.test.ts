import { describe, expect, it } from 'vitest';
import { Push } from './push.ts';

describe('what a tab is told', () => {
  it('is one thing at a time, and of what came meanwhile the latest', async () => {
    const sent: string[] = [];
    let taken = (): void => undefined;
    const { push } = new Push<[string]>((value) => {
      sent.push(value);
      return new Promise<void>((resolve) => (taken = resolve));
    });
    push('a');
    push('b');
    push('c');
    expect(sent).toEqual(['a']);
    taken();
    await Promise.resolve();
    await Promise.resolve();
    expect(sent).toEqual(['a', 'c']);
    taken();
    await new Promise((resolve) => setTimeout(resolve));
    push('d');
    expect(sent).toEqual(['a', 'c', 'd']);
  });

  it('goes on after its listener failed', async () => {
    const sent: string[] = [];
    const { push } = new Push<[string]>((value) => {
      sent.push(value);
      return Promise.reject(new Error('broken'));
    });
    push('a');
    await new Promise((resolve) => setTimeout(resolve));
    push('b');
    expect(sent).toEqual(['a', 'b']);
  });
});
