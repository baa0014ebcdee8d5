import { expect, it } from 'vitest';
import { moveBy, tabFrom, types } from './grid-keys.ts';

const size = { rows: 100, columns: 5, page: 10 };
const from = { row: 50, column: 2 };
const key = (name: string) => ({ key: name.replace('Control+', ''), control: name.startsWith('Control+') });

it.each([
  ['ArrowUp', 49, 2],
  ['ArrowDown', 51, 2],
  ['ArrowLeft', 50, 1],
  ['ArrowRight', 50, 3],
  ['Home', 50, 0],
  ['End', 50, 4],
  ['PageUp', 40, 2],
  ['PageDown', 60, 2],
  ['Control+ArrowUp', 0, 2],
  ['Control+ArrowDown', 99, 2],
  ['Control+ArrowLeft', 50, 0],
  ['Control+ArrowRight', 50, 4],
  ['Control+Home', 0, 0],
  ['Control+End', 99, 4],
])('%s goes to row %d, column %d', (name, row, column) => {
  expect(moveBy(key(name), from, size)).toEqual({ row, column });
});

it('stays inside, and reaches the header by arrow alone', () => {
  expect(moveBy(key('ArrowUp'), { row: 0, column: 0 }, size)).toEqual({ row: -1, column: 0 });
  expect(moveBy(key('ArrowUp'), { row: -1, column: 0 }, size)).toEqual({ row: -1, column: 0 });
  expect(moveBy(key('PageUp'), { row: 3, column: 0 }, size)).toEqual({ row: 0, column: 0 });
  expect(moveBy(key('PageDown'), { row: 95, column: 0 }, size)).toEqual({ row: 99, column: 0 });
  expect(moveBy(key('ArrowRight'), { row: 0, column: 4 }, size)).toEqual({ row: 0, column: 4 });
});

it('keeps to the header when there are no rows', () => {
  const none = { rows: 0, columns: 5, page: 10 };
  for (const name of ['ArrowDown', 'PageDown', 'PageUp', 'Control+End', 'Control+Home', 'Control+ArrowUp']) {
    expect(moveBy(key(name), { row: -1, column: 2 }, none)?.row).toBe(-1);
  }
});

it('leaves other keys alone', () => {
  expect(moveBy(key('a'), from, size)).toBeNull();
  expect(moveBy(key('Tab'), from, size)).toBeNull();
});

it('Tab goes along the row and on to the next', () => {
  expect(tabFrom({ row: 0, column: 1 }, false, size)).toEqual({ row: 0, column: 2 });
  expect(tabFrom({ row: 0, column: 4 }, false, size)).toEqual({ row: 1, column: 1 });
  expect(tabFrom({ row: 99, column: 4 }, false, size)).toBeNull();
  expect(tabFrom({ row: 1, column: 1 }, true, size)).toEqual({ row: 0, column: 4 });
  expect(tabFrom({ row: 0, column: 1 }, true, size)).toBeNull();
});

it('knows what types a character', () => {
  const press = (key: string, keys = {}) => types({ key, ctrlKey: false, metaKey: false, altKey: false, ...keys });
  expect([press('a'), press('ß'), press('😀'), press('@', { ctrlKey: true, altKey: true })]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect([press('Enter'), press(' '), press('a', { ctrlKey: true }), press('a', { metaKey: true })]).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
