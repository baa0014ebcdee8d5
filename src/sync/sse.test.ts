import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NoAnswer } from './http-call.ts';
import { readEvents, type SseEvent } from './sse.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function read(pieces: readonly Uint8Array[], limit = 1_000): Promise<SseEvent[]> {
  const events: SseEvent[] = [];
  for await (const event of readEvents(
    (async function* () {
      yield* pieces;
    })(),
    limit,
  )) {
    events.push(event);
  }
  return events;
}

const TEXT =
  ':\r\n\r\nevent: data\ndata: [\ndata:  {"k":"ä€😀"}\ndata:]\n\nevent:control\rdata:{"streamNextOffset":"1"}\r\rid: 4\nretry\n\ndata\n\n';
const EVENTS = [
  { event: 'data', data: '[\n {"k":"ä€😀"}\n]' },
  { event: 'control', data: '{"streamNextOffset":"1"}' },
  { event: '', data: '' },
];

test('reads events with any line ends, comments and fields that it does not know', async () => {
  expect(await read([bytes(TEXT)])).toEqual(EVENTS);
});

test('however the bytes are cut', async () => {
  const whole = bytes(TEXT);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 20 }), async (cuts) => {
      const ends = [0, ...cuts.sort((a, b) => a - b), whole.length];
      expect(await read(ends.slice(1).map((end, i) => whole.slice(ends[i], end)))).toEqual(EVENTS);
    }),
  );
});

test('[SYNC-3] drops an event that broke off: its control event will come again', async () => {
  expect(await read([bytes('event: data\ndata: [1]\n\nevent: control\ndata: {"streamNext')])).toEqual([
    { event: 'data', data: '[1]' },
  ]);
  expect(await read([bytes('event: data\ndata: [1]\n')])).toEqual([]);
});

test('[SYNC-5] gives up on what grows without end, in one line or in many', async () => {
  await expect(read([bytes('data: '), bytes('x'.repeat(2_000))])).rejects.toThrow(NoAnswer);
  await expect(read(Array.from({ length: 600 }, () => bytes('data: x\n')))).rejects.toThrow(NoAnswer);
});

test('gives up on bytes that are not text', async () => {
  await expect(read([Uint8Array.of(0x64, 0xff, 0xfe, 10, 10)])).rejects.toThrow(NoAnswer);
});
