import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';

const Lockfile = v.object({
  packages: v.record(v.string(), v.object({ optionalDependencies: v.optional(v.record(v.string(), v.string())) })),
});

/** The paths where Node looks for `name` from the package at `from`, nearest first. */
function placesOf(name: string, from: string): string[] {
  const inside = from === '' ? [] : [`${from}/node_modules/${name}`];
  const parent = from.lastIndexOf('/node_modules/');
  const further = parent === -1 ? [`node_modules/${name}`] : placesOf(name, from.slice(0, parent));
  return [...inside, ...further];
}

test('the lockfile names the packages of every platform, without which npm ci refuses it', () => {
  const text = readFileSync(resolve(import.meta.dirname, '..', 'package-lock.json'), 'utf8');
  const { packages } = v.parse(Lockfile, JSON.parse(text));
  const missing = Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !placesOf(name, from).some((place) => place in packages))
      .map((name) => `${name}, wanted by ${from}`),
  );
  expect(missing).toEqual([]);
});
