/** What attributes are called that are not fields. */
import { OPTION_PREFIX } from '../../../core/attribute.ts';

const NAMES: { readonly [attribute: string]: string } = {
  type: 'Type',
  deleted: 'In the Trash',
  name: 'Name',
  hidden: 'Hidden',
  icon: 'Icon',
  order: 'Place in the list',
  kind: 'Kind',
  target: 'Links to',
};

/** What a system attribute is called beside its entity. */
export const attributeWords = (attribute: string): string =>
  attribute.startsWith(OPTION_PREFIX) ? 'Option' : (NAMES[attribute] ?? 'Setting');
