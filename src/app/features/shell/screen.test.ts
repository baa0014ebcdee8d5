import { expect, it } from 'vitest';
import type { EntityId } from '../../../core/ids.ts';
import type { SchemaAnswer } from '../../../core/query.ts';
import { recordPath, screenOf, typePath } from './screen.ts';

const type = '01930000-0000-7000-8000-00000000000a' as EntityId;
const record = '01930000-0000-7000-8000-00000000000b' as EntityId;
const schema = { types: [{ id: type, name: 'Contacts' }] } as unknown as SchemaAnswer;

it.each([
  ['/', { title: 'Records', type: null, record: null }],
  ['/activity', { title: 'Activity', type: null, record: null }],
  [typePath(type), { title: 'Contacts', type, record: null }],
  [`/t/${type}/fields`, { title: 'Fields of Contacts', type, record: null }],
  [recordPath(type, record), { title: 'Contacts', type, record }],
  [recordPath(type, 'new'), { title: 'Contacts', type, record: 'new' }],
  [recordPath(record, record), { title: 'Not found', type: record, record }],
  ['/t/nonsense', { title: 'Not found', type: null, record: null }],
  ['/nowhere', { title: 'Not found', type: null, record: null }],
])('%s', (path, screen) => {
  expect(screenOf(path, schema)).toEqual(screen);
});

it('says nothing wrong before the schema is known', () => {
  expect(screenOf(typePath(type), undefined).title).toBe('');
});
