import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinMessages, splitMessages } from './json-mode.ts';

const split = (body: string): string[] | null =>
  splitMessages(Buffer.from(body))?.messages.map((message) => Buffer.from(message).toString()) ?? null;

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
    expect(split(body)).toBeNull();
  });

  test('bytes that are not UTF-8 are not JSON', () => {
    expect(splitMessages(Uint8Array.of(0x22, 0xff, 0x22))).toBeNull();
  });

  test('any array comes apart into its elements, however it is laid out, and goes together again', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom('', ' ', '\n\t'), (values, gap) => {
        const body = `[${gap}${values.map((value) => JSON.stringify(value, null, gap)).join(`${gap},${gap}`)}${gap}]`;
        const result = splitMessages(Buffer.from(body))!;
        const plain: unknown = JSON.parse(body);
        expect(result.values).toEqual(plain);
        expect(result.messages.map((message): unknown => JSON.parse(Buffer.from(message).toString()))).toEqual(plain);
        expect(JSON.parse(joinMessages(result.messages).toString())).toEqual(plain);
      }),
    );
  });
});
