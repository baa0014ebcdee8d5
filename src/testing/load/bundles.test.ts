import { expect, test } from 'vitest';
import { decodeEvents } from '../../core/bundle-codec.ts';
import type { Bundle } from '../../core/bundle.ts';
import type { Result } from '../../core/result.ts';
import { bundleMessages } from '../../worker/bundle-messages.ts';
import { newClientId } from '../daybook-server.ts';
import { must } from '../test-book.ts';
import { bookToChange, BundleMaker, changesOf, historyMessages } from './bundles.ts';
import type { StreamDevice } from './target.ts';

const device: StreamDevice = {
  path: '/',
  bookId: newClientId() as string as StreamDevice['bookId'],
  userId: newClientId() as string as StreamDevice['userId'],
  clientId: newClientId(),
  token: null,
};

const read = (message: string): Bundle => must(bundleMessages.read(JSON.parse(message)) as Result<Bundle, unknown>);

test.each([1, 1_000] as const)(
  'a bundle of %i holds so many events, is the device’s and has an id of its own',
  (size) => {
    expect(changesOf(bookToChange(1), size)).toHaveLength(size);
    const maker = new BundleMaker(size);
    const [first, second] = [read(maker.next(device)), read(maker.next(device))];
    expect(first).toMatchObject({ bookId: device.bookId, userId: device.userId, clientId: device.clientId });
    expect(first.id).not.toBe(second.id);
  },
);

test('the history of a book comes in full bundles that decode to its events, each once', () => {
  const bundles = [...historyMessages(2_500, device)].map(read);
  const events = bundles.map((bundle) => must(decodeEvents(bundle.payload, bundle)));
  expect(events.map((some) => some.length)).toEqual([1_000, 1_000, 500]);
  expect(new Set(events.flat().map(({ id }) => id)).size).toBe(2_500);
});
