/** Live queries: which of them a change may concern, and who is told. */
import type { AttributeName } from '../core/event.ts';
import { isUuid, type EntityId } from '../core/ids.ts';
import type { Field, Query } from '../core/query.ts';
import type { Catalog } from './catalog.ts';
import { titleField } from './catalog.ts';
import { Changes } from './changes.ts';
import type { Subscriptions } from './store.ts';

interface Subscription {
  readonly query: Query;
  readonly onAnswer: (answer: string) => void;
  answer: string;
}

export class LiveQueries implements Subscriptions {
  readonly #answer: (query: Query) => string;
  readonly #catalog: () => Catalog;
  readonly #subscriptions = new Map<number, Subscription>();
  #next = 1;
  #changes = new Changes();

  /** @param catalog the schema as it is now */
  constructor(answer: (query: Query) => string, catalog: () => Catalog) {
    this.#answer = answer;
    this.#catalog = catalog;
  }

  /** Where commits are noted. */
  get changes(): Changes {
    return this.#changes;
  }

  get stale(): boolean {
    return this.#subscriptions.size > 0 && this.#changes.any;
  }

  add(query: Query, onAnswer: (answer: string) => void): number {
    const number = this.#next++;
    const answer = this.#answer(query);
    this.#subscriptions.set(number, { query, onAnswer, answer });
    onAnswer(answer);
    return number;
  }

  remove(subscription: number): void {
    this.#subscriptions.delete(subscription);
  }

  refresh(): void {
    const changes = this.#changes;
    if (!changes.any) return;
    this.#changes = new Changes();
    const catalog = this.#catalog();
    /** Subscriptions with the same query are answered once. */
    const answers = new Map<string, string>();
    for (const [number, subscription] of [...this.#subscriptions]) {
      if (!mayConcern(subscription.query, changes, catalog)) continue;
      const key = JSON.stringify(subscription.query);
      const answer = answers.get(key) ?? this.#answer(subscription.query);
      answers.set(key, answer);
      // A listener may have removed a later one.
      if (answer === subscription.answer || !this.#subscriptions.has(number)) continue;
      subscription.answer = answer;
      subscription.onAnswer(answer);
    }
  }
}

/** Whether the answer to a query may be another one after these changes. Never no when it is. */
export function mayConcern(query: Query, changes: Changes, catalog: Catalog): boolean {
  if ('asOf' in query && query.asOf) return changes.concernPast(query.asOf);
  switch (query.kind) {
    case 'schema':
      return changes.system;
    case 'records':
      return (
        changes.waiting ||
        changes.system ||
        [...changes.attributes].some((attribute) => showsIn(query.type, attribute, catalog))
      );
    case 'record':
    case 'history':
      return (
        changes.waiting ||
        changes.system ||
        changes.concerns(query.kind === 'record' ? query.id : query.entityId) ||
        [...changes.attributes].some((attribute) => isTitle(attribute, catalog))
      );
    case 'groups':
      return changes.system || [...changes.attributes].some((attribute) => showsIn(query.type, attribute, catalog));
    case 'backlinks':
      return (
        changes.system ||
        [...changes.attributes].some(
          (attribute) => fieldOf(attribute, catalog)?.kind === 'link' || isTitle(attribute, catalog),
        )
      );
    case 'attention':
    case 'waiting':
    case 'search':
    case 'activity':
    case 'conflicts':
    case 'diff':
    case 'timeline':
      return changes.attributes.size > 0 || changes.waiting;
    case 'trash':
      return (
        changes.existence || changes.system || [...changes.attributes].some((attribute) => isTitle(attribute, catalog))
      );
    case 'undo':
      return changes.undo;
    case 'people':
      return changes.attributes.size > 0;
    case 'preparing':
      return changes.preparing;
  }
}

/** Whether an attribute is a field of a type, or names the records that its links point to. */
function showsIn(type: EntityId, attribute: AttributeName, catalog: Catalog): boolean {
  const field = fieldOf(attribute, catalog);
  if (!field) return isUuid(attribute);
  if (field.type === type) return true;
  for (const other of catalog.fields.values()) if (other.type === type && other.target === field.type) return true;
  return false;
}

function isTitle(attribute: AttributeName, catalog: Catalog): boolean {
  const field = fieldOf(attribute, catalog);
  return field !== null && titleField(catalog, field.type)?.id === field.id;
}

function fieldOf(attribute: AttributeName, catalog: Catalog): Field | null {
  return catalog.fields.get(attribute as string as EntityId) ?? null;
}
