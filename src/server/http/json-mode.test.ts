import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonBody, joinMessages, splitMessages } from './json-mode.ts';

const LIMITS = { messages: 100, depth: 20, values: 1_000 };

function parts(body: string, limits = LIMITS): JsonBody {
  const result = splitMessages(Buffer.from(body), limits);
  if (typeof result === 'string') throw new Error(result);
  return result;
}
const split = (body: string, limits = LIMITS): string[] =>
  parts(body, limits).messages.map((message) => Buffer.from(message).toString());

describe('splitting a body into messages', () => {
  test.each([
    ['{"a":1}', ['{"a":1}']],
    ['  7 ', ['7']],
    ['[]', []],
    ['[ ]', []],
    ['[1, "two" ,[3,[4]],{"five":[6]}]', ['1', '"two"', '[3,[4]]', '{"five":[6]}']],
    ['[[1,2],[3]]', ['[1,2]', '[3]']],
    [String.raw`["a\"],[", "\\", "]"]`, [String.raw`"a\"],["`, String.raw`"\\"`, '"]"']],
    // Numbers and keys stay as they were written.
    ['[1.0, 12345678901234567890, {"a":1,"a":2}]', ['1.0', '12345678901234567890', '{"a":1,"a":2}']],
  ])('%s', (body, messages) => {
    expect(split(body)).toEqual(messages);
  });

  test.each(['', '{', '[1,]', 'nothing', '[1] 2', '"a', '[1', "['a']"])('%s is not JSON', (body) => {
    expect(splitMessages(Buffer.from(body), LIMITS)).toBe('damaged');
  });

  test('bytes that are not UTF-8 are not JSON', () => {
    expect(splitMessages(Buffer.of(0x22, 0xff, 0x22), LIMITS)).toBe('damaged');
  });

  test('a byte order mark is no part of a message', () => {
    expect(split('\u{FEFF} [1]')).toEqual(['1']);
    expect(split('\u{FEFF}{"a":1}')).toEqual(['{"a":1}']);
  });

  test('any array comes apart into its elements, however it is laid out, and goes together again', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom('', ' ', '\n\t'), (values, gap) => {
        const body = `[${gap}${values.map((value) => JSON.stringify(value, null, gap)).join(`${gap},${gap}`)}${gap}]`;
        const result = parts(body, { messages: 1_000, depth: 1_000, values: 1_000_000 });
        const plain: unknown = JSON.parse(body);
        expect(result.values).toEqual(plain);
        expect(result.messages.map((message): unknown => JSON.parse(Buffer.from(message).toString()))).toEqual(plain);
        expect(JSON.parse(joinMessages(result.messages).toString())).toEqual(plain);
      }),
    );
  });

  test.each([
    ['messages', `[${'1,'.repeat(3)}1]`, { ...LIMITS, messages: 4 }],
    ['depth', '[[{"a":[1]}]]', { ...LIMITS, depth: 4 }],
    ['depth', '{"a":[[1]]}', { ...LIMITS, depth: 3 }],
    // Two arrays, an object and two commas.
    ['values', '[[1,{"a":1,"b":2}]]', { ...LIMITS, values: 5 }],
    ['values', '{"a":[1,2,3]}', { ...LIMITS, values: 4 }],
  ])('no more %s than are allowed: %s', (name, body, limits) => {
    expect(split(body, limits)).not.toEqual([]);
    const fewer = { ...limits, [name]: limits[name as keyof typeof limits] - 1 };
    expect(splitMessages(Buffer.from(body), fewer)).toBe('tooMuch');
  });

  test('what is in strings, and the members of one object, count as no messages', () => {
    expect(split('["[[[[", "a,b,c\\",d", "]"]', { messages: 3, depth: 1, values: 3 })).toHaveLength(3);
    expect(split('{"a":1,"b":2}', { messages: 1, depth: 1, values: 2 })).toHaveLength(1);
  });

  test.each(['1,', '[],', '{},', '"",', '[', '{"a":'])(
    '16 MB of %s are refused before they become anything',
    (part) => {
      const body = Buffer.from(`[${part.repeat((16 << 20) / part.length)}`);
      const start = performance.now();
      expect(splitMessages(body, { messages: 1_000, depth: 100, values: 100_000 })).toBe('tooMuch');
      // Parsing it takes many times as long.
      expect(performance.now() - start).toBeLessThan(3_000);
    },
  );
});
