/** Bytes on the wire and bytes to download: counted, not timed, so they need no browser. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sealBundle } from '../../src/core/bundle-codec.ts';
import type { Event } from '../../src/core/event.ts';
import type { BookId, BundleId, UserId } from '../../src/core/ids.ts';
import { BookGenerator } from '../../src/testing/book-generator.ts';
import { bundleMessages } from '../../src/worker/bundle-messages.ts';
import type { Row } from './measure.ts';
import { median } from '../../src/testing/statistics.ts';

const SAMPLES = 20;

export function wireRows(): Row[] {
  const generator = new BookGenerator(7, 2);
  generator.schema();
  generator.importRecords(2_000);
  const bookId = generator.mint<BookId>();
  const userId = generator.mint<UserId>();
  /** Bytes per event of a bundle message after gzip as HTTP would, and of the same events as plain gzipped JSON. */
  const bytes = (events: readonly Event[]): { ours: number; json: number } => {
    const last = events.at(-1)!;
    const bundle = sealBundle(
      { id: generator.mint<BundleId>(), bookId, userId, clientId: last.clientId, timestamp: last.timestamp },
      events,
    );
    return {
      ours: gzipSync(bundleMessages.write(bundle)).length / events.length,
      json: gzipSync(JSON.stringify({ bookId, userId, events })).length / events.length,
    };
  };
  const row = (work: string, make: () => readonly Event[], limit: number): Row => {
    const samples = Array.from({ length: SAMPLES }, () => bytes(make()));
    const ours = median(samples.map((sample) => sample.ours));
    const json = median(samples.map((sample) => sample.json));
    return {
      work,
      ours: `${ours.toFixed(1)} bytes`,
      yardstick: `${limit} bytes allowed; ${json.toFixed(1)} as gzipped JSON`,
      ratio: ours / limit,
      floor: null,
      target: { kind: 'atMost', ratio: 1 },
    };
  };
  return [
    row(
      'an event on the wire, in bundles of 1,000',
      () => generator.importRecords(111).events.concat(generator.edit(1).events),
      35,
    ),
    row(
      'an event on the wire, in bundles of 5',
      () => [...generator.edit(3, 0).events, ...generator.edit(2, 0).events],
      90,
    ),
  ];
}

/**
 * Gzipped JavaScript that the built app loads for its first screen: what its index.html names, and beside it what the two
 * workers load, most of which is SQLite's own.
 */
export function downloadRows(dist: string): Row[] {
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const page = new Set([...html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map((match) => match[1]!));
  const workers = readdirSync(join(dist, 'assets'))
    .filter((name) => /^(worker|broker)-.*\.js$/.test(name))
    .map((name) => join('assets', name));
  const size = (files: Iterable<string>): number =>
    [...files].reduce((total, file) => total + gzipSync(readFileSync(join(dist, file))).length, 0);
  const limit = 200 * 1024;
  const row = (work: string, bytes: number, target: Row['target']): Row => ({
    work,
    ours: `${(bytes / 1024).toFixed(0)} KB`,
    yardstick: '200 KB allowed for the page',
    ratio: bytes / limit,
    floor: null,
    target,
  });
  return [
    row('JavaScript of the page for the first screen, gzip', size(page), { kind: 'atMost', ratio: 1 }),
    row('the same with the workers, SQLite’s JavaScript included', size(page) + size(workers), null),
  ];
}
