/**
 * Answers queries as of a past moment with the same code as those of the present. First the tables get what the query looks
 * at to find and sort its records; then it is answered again as long as the answer names entities that were not read yet.
 */
import { isUuid, type EntityId } from '../../core/ids.ts';
import type { AttributeName } from '../../core/event.ts';
import type { Answers, Field, Moment, Query } from '../../core/query.ts';
import { titleField, type Catalog } from '../catalog.ts';
import type { Past } from './past.ts';
import { readPage } from '../queries/records.ts';
import type { ViewCache } from '../queries/view-cache.ts';
import type { SqlDatabase } from '../database.ts';

export type QueryAsOf = Extract<Query, { readonly asOf?: Moment }>;

/** What a moment offers to queries in place of the present. */
export interface Then {
  readonly db: SqlDatabase;
  readonly catalog: Catalog;
  readonly views: ViewCache;
}

/** @param answer the answer that the present would give from these tables */
export function answerAsOf<Q extends QueryAsOf>(
  past: Past,
  query: Q,
  moment: Moment,
  answer: (then: Then) => Answers[Q['kind']],
): Answers[Q['kind']] {
  const { catalog, views } = past.open(moment);
  prepare(past, { db: past.tables, catalog, views }, query);
  for (;;) {
    const answered = answer({ db: past.tables, catalog, views });
    if (!past.needEntities(namedIn(answered))) return answered;
  }
}

function prepare(past: Past, then: Then, query: QueryAsOf): void {
  const { catalog } = then;
  switch (query.kind) {
    case 'record':
      past.needEntities([query.id]);
      return;
    case 'schema':
    case 'trash':
      return past.needTable([]);
    case 'search':
      past.needTable([...catalog.fields.values()].map(attributeOf));
      for (const type of new Set([...catalog.fields.values()].map((field) => field.type))) past.needWords(type);
      return;
    case 'records': {
      const looked = new Set<string>((query.filters ?? []).map((filter) => filter.field));
      if (query.sort) looked.add(query.sort.field);
      const searched = (query.search ?? '').trim() !== '';
      const fields = [...catalog.fields.values()].filter(
        (field) => looked.has(field.id) || (searched && field.type === query.type),
      );
      past.needTable(fields.flatMap((field) => [attributeOf(field), ...titleBehind(catalog, field)]));
      if (searched) past.needWords(query.type);
      past.needEntities(readPage(then.db, catalog, then.views, query).ids);
    }
  }
}

const attributeOf = (field: Field): AttributeName => field.id as string as AttributeName;

/** What a link is sorted and filtered by: the title of the record that it points to. */
function titleBehind(catalog: Catalog, field: Field): AttributeName[] {
  const title = field.target === null ? null : titleField(catalog, field.target);
  return title === null ? [] : [attributeOf(title)];
}

/** Entities whose values or titles an answer tells. */
function namedIn(answer: Answers[QueryAsOf['kind']]): EntityId[] {
  if (answer === null || 'types' in answer) return [];
  if ('hits' in answer) return answer.hits.map((hit) => hit.id);
  if ('values' in answer) return Object.keys(answer.links).filter(isEntity);
  return answer.rows.flatMap((row) => [row.id, ...('links' in row ? Object.keys(row.links).filter(isEntity) : [])]);
}

const isEntity = (id: string): id is EntityId => isUuid(id);
