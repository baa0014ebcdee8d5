/** What differs between two moments, in words: pure. */
import { DELETED, OPTION_PREFIX, ORDER, SAMPLE, TYPE } from '../../../core/attribute.ts';
import type { EntityId } from '../../../core/ids.ts';
import type { Difference } from '../../../core/query.ts';
import type { JsonValue } from '../../../core/value.ts';
import { attributeWords } from '../history/attribute-words.ts';
import type { Zone } from '../history/when.ts';
import { valueText } from '../record/value-text.ts';

/** What differs of one entity. */
export interface EntityDifference {
  readonly id: EntityId;
  readonly title: string;
  /** Its user-made type; null for types, fields, devices and people. */
  readonly type: EntityId | null;
  /** What became of the whole of it between the two moments. */
  readonly fate: 'made' | 'unmade' | 'trashed' | 'untrashed' | 'changed';
  readonly values: readonly ValueDifference[];
}

export interface ValueDifference {
  readonly attribute: string;
  readonly name: string;
  /** '' where there was nothing. */
  readonly before: string;
  readonly after: string;
}

/** Puts together what belongs to one entity, in the order in which it comes. */
export function tellDifferences(differences: readonly Difference[], zone: Zone = {}): readonly EntityDifference[] {
  return Array.from(
    Map.groupBy(differences, (difference) => difference.entityId),
    ([id, parts]) => ({
      id,
      title: parts[0]?.title ?? '',
      type: parts[0]?.type ?? null,
      fate: fateOf(parts),
      values: parts.flatMap((part) => tellValue(part, zone) ?? []),
    }),
  );
}

/** What restoring what was so before would do: the same the other way. What was not there yet goes to the Trash as it is. */
export function tellRestore(differences: readonly Difference[], zone: Zone = {}): readonly EntityDifference[] {
  const back = differences.map((each) => ({ ...each, before: each.after, after: each.before }));
  return tellDifferences(back, zone).map((entity) => (entity.fate === 'unmade' ? { ...entity, values: [] } : entity));
}

function fateOf(parts: readonly Difference[]): EntityDifference['fate'] {
  const type = parts.find(({ attribute }) => attribute === TYPE);
  if (type?.before === null) return 'made';
  if (type?.after === null) return 'unmade';
  const deleted = parts.find(({ attribute }) => attribute === DELETED);
  if (deleted === undefined) return 'changed';
  return deleted.after === true ? 'trashed' : 'untrashed';
}

/** Null for what the fate of the entity says already. */
function tellValue(difference: Difference, zone: Zone): ValueDifference | null {
  const { attribute, fieldName, fieldKind, before, after, words } = difference;
  const said: string = attribute;
  const is = (name: string, say: (value: JsonValue) => string) => ({
    attribute: said,
    name,
    before: say(before),
    after: say(after),
  });
  if (fieldName !== null || fieldKind !== null) {
    return is(fieldName ?? 'A field', (value) => valueText(fieldKind, value, (id) => words[id], zone));
  }
  if (attribute === DELETED || attribute === SAMPLE || (attribute === TYPE && (before === null || after === null)))
    return null;
  if (said.startsWith(OPTION_PREFIX)) return is(attributeWords(said), optionName);
  // Keys of order mean nothing to people.
  if (attribute === ORDER) {
    return before === null || after === null
      ? null
      : { attribute: said, name: attributeWords(said), before: '', after: 'moved' };
  }
  return is(attributeWords(said), (value) =>
    typeof value === 'string' ? (words[value] ?? value) : valueText(null, value, (id) => words[id], zone),
  );
}

const optionName = (value: JsonValue): string =>
  value !== null && typeof value === 'object' && 'name' in value && typeof value.name === 'string' ? value.name : '';
