/** One answer for each kind of query. */
import type { Answers, ProjectionName, Query } from '../../core/query.ts';
import type { Catalog } from '../catalog.ts';
import type { SqlDatabase } from '../database.ts';
import type { Reader } from '../ingest.ts';
import { answerAsOf } from '../past/answer-as-of.ts';
import type { Past } from '../past/past.ts';
import type { Upkeep } from '../projections/upkeep.ts';
import { topOfRedo, topOfUndo } from '../undo.ts';
import { answerActivity, type EntityCounts } from './activity.ts';
import { answerAttention } from './attention.ts';
import { answerBacklinks } from './backlinks.ts';
import { answerConflicts } from './conflicts.ts';
import { answerDiff } from './diff.ts';
import { answerGroups } from './groups.ts';
import { answerHistory } from './history.ts';
import { answerPeople } from './people.ts';
import { answerRecord } from './record.ts';
import { answerRecords } from './records.ts';
import { answerSchema } from './schema.ts';
import { answerSearch } from './search.ts';
import { answerTimeline } from './timeline.ts';
import { answerTrash } from './trash.ts';
import { answerWaiting } from './waiting.ts';
import type { ViewCache } from './view-cache.ts';

/** What answers are read from, and what is kept between them. */
export interface Sources {
  readonly past: Past;
  readonly db: SqlDatabase;
  readonly catalog: Catalog;
  readonly views: ViewCache;
  readonly counts: EntityCounts;
  readonly upkeep: Upkeep;
  readonly reader: Reader;
}

export function answerQuery(sources: Sources, query: Query): Answers[Query['kind']] {
  if ('asOf' in query && query.asOf)
    return answerAsOf(sources.past, query, query.asOf, (then) => answerFrom({ ...sources, ...then }, query));
  return answerFrom(sources, query);
}

function answerFrom<Q extends Query>(sources: Sources, query: Q): Answers[Q['kind']];
function answerFrom({ db, catalog, views, counts, upkeep, reader }: Sources, query: Query): Answers[Query['kind']] {
  switch (query.kind) {
    case 'schema':
      return answerSchema(db, catalog);
    case 'records':
      return partly(answerRecords(db, catalog, views, query), upkeep.isPending(...readBy(query.search)));
    case 'search':
      return partly(answerSearch(db, catalog, query), upkeep.isPending('entities', 'fields', 'search'));
    case 'record':
      return answerRecord(db, catalog, query.id);
    case 'history':
      return answerHistory(db, catalog, query);
    case 'activity':
      return partly(answerActivity(db, catalog, counts, query), upkeep.isPending('transactions'));
    case 'trash':
      return answerTrash(db, catalog, query);
    case 'diff':
      return answerDiff(db, catalog, query);
    case 'timeline':
      return answerTimeline(db);
    case 'conflicts':
      return answerConflicts(db, catalog, query.limit);
    case 'backlinks':
      return partly(answerBacklinks(db, catalog, query), upkeep.isPending('entities', 'fields', 'links'));
    case 'groups':
      return partly(answerGroups(db, catalog, query), upkeep.isPending(...readBy(query.search)));
    case 'waiting':
      return answerWaiting(db, catalog, query.limit);
    case 'attention':
      return answerAttention(db, catalog, reader, query.limit);
    case 'undo':
      return { undo: topOfUndo(db)?.label ?? null, redo: topOfRedo(db)?.label ?? null };
    case 'people':
      return answerPeople(db);
    case 'preparing':
      return upkeep.preparing();
  }
}

/** [PROJ-2] Says so where there may be more than the answer tells. */
function partly<A extends { readonly partial?: true }>(answer: A, pending: boolean): A {
  return pending ? { ...answer, partial: true } : answer;
}

/** What a table is read from. */
const readBy = (search = ''): readonly ProjectionName[] =>
  search.trim() === '' ? ['entities', 'fields'] : ['entities', 'fields', 'search'];
