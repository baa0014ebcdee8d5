/** SQL that holds for records which contain words. `e` is the row of a record in `entities`. */
import { idToBytes, type EntityId } from '../../core/ids.ts';
import type { Field } from '../../core/query.ts';
import { fieldsOf, type Catalog } from '../catalog.ts';
import { foldText } from '../fold-text.ts';
import { anyOf, type Condition } from './filtering.ts';

/** The words of a search as they are compared, each once. */
export function wordsOf(text: string): string[] {
  return [...new Set(foldText(text).split(/\s+/u))].filter((word) => word !== '');
}

/**
 * Conditions, one for each word: it must be somewhere in the record, in the text of a field or in the name of an option
 * that it has.
 */
export function searchBy(catalog: Catalog, type: EntityId, text: string): Condition[] {
  const choices = fieldsOf(catalog, type).filter((field) => field.kind === 'select' || field.kind === 'multiSelect');
  return wordsOf(text).map((word) => anyOf([inText(word), ...choices.flatMap((field) => byOption(field, word))]));
}

const inText = (word: string): Condition => ({
  text: 'EXISTS (SELECT 1 FROM search s WHERE s.number = e.number AND instr(s.text, ?) > 0)',
  params: [word],
  source: {
    from: 'search s CROSS JOIN entities e ON e.number = s.number',
    where: { text: 'instr(s.text, ?) > 0', params: [word] },
  },
});

function byOption(field: Field, word: string): Condition[] {
  return field.options
    .filter((option) => foldText(option.name).includes(word))
    .map((option) => ({
      text: 'EXISTS (SELECT 1 FROM attributes a WHERE a.attribute = ? AND a.entity_id = e.entity_id AND instr(a.value, ?) > 0)',
      params: [idToBytes(field.id), `"${option.id}"`],
    }));
}
