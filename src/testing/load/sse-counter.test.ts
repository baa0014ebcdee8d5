import { expect, test } from 'vitest';
import { SseCounter } from './sse-counter.ts';

const FRAME =
  'event: data\ndata:[{"payload":"AAAA"}]\n\nevent: control\ndata:{"streamNextOffset":"log_1_aa","upToDate":true}\n\n';

test('a data event is counted once, in whatever pieces it comes', () => {
  for (const size of [1, 2, 7, 11, 12, 13, 50, 1_000]) {
    const counter = new SseCounter();
    const text = `:\n\n${FRAME}${FRAME.replace('log_1', 'log_2')}`;
    let found = 0;
    for (let at = 0; at < text.length; at += size) found += counter.take(text.slice(at, at + size));
    expect([size, found, counter.offset]).toEqual([size, 2, 'log_2_aa']);
  }
});

test('a control event alone, a comment and words that only look like an event count nothing', () => {
  const counter = new SseCounter();
  expect(counter.offset).toBeNull();
  expect(counter.take('event: control\ndata:{"streamNextOffset":"log_0_00"}\n\n:\n\n')).toBe(0);
  expect(counter.take('event: control\ndata:"event: data\n')).toBe(0);
  expect(counter.offset).toBe('log_0_00');
});
