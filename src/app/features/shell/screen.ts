/** What a path shows: its name in the top bar and the browser's tab, and what of the navigation is lit. */
import type { Moment, SchemaAnswer } from '../../../core/query.ts';
import { parseId, type EntityId } from '../../../core/ids.ts';
import { millisOf } from '../../../core/timestamp.ts';
import { momentHeading } from '../history/when.ts';

export interface Screen {
  readonly title: string;
  /** Type whose records or fields are shown. */
  readonly type: EntityId | null;
  /** A record of it; `new` for one that is not saved yet. */
  readonly record: EntityId | 'new' | null;
}

const TITLES: { readonly [path: string]: string } = {
  '/': 'Records',
  '/new-type': 'New type',
  '/import': 'Import',
  '/settings': 'Settings',
  '/activity': 'Activity',
  '/review': 'Needs review',
  '/attention': 'Needs attention',
  '/trash': 'Trash',
  '/search': 'Search',
  '/compare': 'What changed since',
  '/join': 'Join',
  '/more': 'More',
};

/** @param schema undefined while it is not known yet */
export function screenOf(path: string, schema: SchemaAnswer | undefined): Screen {
  const [, root, typeText, part, recordText] = path.split('/');
  const type = root === 't' ? parseId<EntityId>(typeText) : null;
  if (type === null) return { title: TITLES[path] ?? 'Not found', type: null, record: null };
  const name = schema === undefined ? '' : (schema.types.find((each) => each.id === type)?.name ?? 'Not found');
  if (part === 'fields') return { title: name === '' ? '' : `Fields of ${name}`, type, record: null };
  const record = part !== 'r' ? null : recordText === 'new' ? 'new' : parseId<EntityId>(recordText);
  return { title: name, type, record };
}

export const typePath = (type: EntityId): string => `/t/${type}`;

export const recordPath = (type: EntityId, record: EntityId | 'new'): string => `/t/${type}/r/${record}`;

/** What the browser's tab is called; in the past it says of when. */
export function tabTitle(parts: readonly string[], moment: Moment | null): string {
  const when = moment === null ? [] : [`as of ${momentHeading(millisOf(moment.at))}`];
  return [...parts, ...when, 'Daybook'].join(' · ');
}
