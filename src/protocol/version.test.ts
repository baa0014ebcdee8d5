import { expect, test } from 'vitest';
import { PROTOCOL_VERSION, readRequest } from './version.ts';

const request = { id: 'x', command: { kind: 'setValues', changes: [] } };

test('a request of this version is taken as it is, one of a newer version not at all', () => {
  expect(readRequest(PROTOCOL_VERSION, request)).toEqual(request);
  for (const version of [0, -1, 0.5, Number.NaN, PROTOCOL_VERSION + 1])
    expect(readRequest(version, request)).toBeNull();
});

test('an older request is taken step by step to the present, or given up where it means nothing any more', () => {
  const steps = [
    (each: object) => ({ ...each, two: true }),
    (each: object) => ('gone' in each ? null : { ...each, three: true }),
  ];
  expect(readRequest(1, request, steps)).toEqual({ ...request, two: true, three: true });
  expect(readRequest(2, request, steps)).toEqual({ ...request, three: true });
  expect(readRequest(3, request, steps)).toEqual(request);
  expect(readRequest(4, request, steps)).toBeNull();
  expect(readRequest(1, { gone: true }, steps)).toBeNull();
});
