import { Check } from 'lucide-react';
import type { Field } from '../../../core/query.ts';
import type { JsonValue } from '../../../core/value.ts';
import { Chip } from '../../ui/chip.tsx';
import { chosenIn } from './chosen.ts';
import { shortUrl, valueText } from './value-text.ts';
import styles from './value-view.module.css';

/** A value as it is read, in one line. Nothing for an empty one. */
export function ValueView({
  field,
  value,
  links,
}: {
  readonly field: Field;
  readonly value: JsonValue | undefined;
  readonly links: { readonly [id: string]: string };
}) {
  if (value === null || value === undefined) return null;
  switch (field.kind) {
    case 'checkbox':
      return value === true ? (
        <Check aria-label="Yes" size={16} strokeWidth={2.5} className={styles.check} />
      ) : value === false ? null : (
        valueText(null, value, () => undefined)
      );
    case 'select':
    case 'multiSelect':
      return (
        <span className={styles.chips}>
          {chosenIn(value).map((id) => {
            const option = field.options.find((each) => each.id === id);
            return <Chip key={id} name={option?.name ?? 'a removed option'} tint={option?.tint ?? 0} />;
          })}
        </span>
      );
    case 'url':
      return typeof value === 'string' ? shortUrl(value) : valueText(null, value, () => undefined);
    case 'link':
      return (
        <span className={styles.link}>
          {valueText('link', value, (id) => links[id] || (id in links ? 'Untitled' : undefined))}
        </span>
      );
    case 'text':
    case 'longText':
    case 'number':
    case 'date':
    case 'dateTime':
    case 'email':
    case 'phone':
      return valueText(field.kind, value, () => undefined);
  }
}
