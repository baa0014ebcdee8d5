import { useState } from 'react';
import type { Field } from '../../../core/query.ts';
import type { JsonValue } from '../../../core/value.ts';
import { ComboBox } from '../../ui/combo-box.tsx';
import { useAnswer } from '../../use-client.tsx';
import { titleOf } from './title.ts';

const OFFERED = 20;

/** Finds a record of the field's target type by typing. */
export function LinkPicker({
  field,
  title,
  onPick,
  onLeave,
  error,
  labelHidden = false,
  focusAtOnce = false,
  start = '',
  className,
}: {
  readonly field: Field;
  /** Title of the record that is linked now; '' when none is. */
  readonly title: string;
  readonly onPick: (value: JsonValue) => void;
  readonly onLeave?: () => void;
  readonly error?: string | undefined;
  readonly labelHidden?: boolean;
  readonly focusAtOnce?: boolean;
  readonly start?: string;
  readonly className?: string | undefined;
}) {
  // Null while nothing was typed: then the linked record shows.
  const [typed, setTyped] = useState<string | null>(start === '' ? null : start);
  const schema = useAnswer({ kind: 'schema' });
  const target = schema?.types.find((type) => type.id === field.target);
  const found = useAnswer({
    kind: 'records',
    type: field.target ?? field.id,
    ...(typed !== null && typed.trim() !== '' && { search: typed }),
    offset: 0,
    limit: OFFERED,
  });
  const suggestions =
    target === undefined ? [] : (found?.rows ?? []).map((row) => ({ id: row.id, label: titleOf(target, row) }));
  return (
    <ComboBox
      label={field.name}
      labelHidden={labelHidden}
      error={error}
      className={className}
      focusAtOnce={focusAtOnce}
      suggestions={suggestions}
      text={typed ?? title}
      kept={typed === null}
      onText={(text) => setTyped(text === title ? null : text)}
      placeholder={target === undefined ? 'Find a record' : `Find in ${target.name}`}
      emptyText={target === undefined ? 'The type that it links to is not here' : 'No record fits'}
      onChoose={(id) => {
        setTyped(null);
        onPick(id);
      }}
      onBlur={() => {
        // An emptied box takes the link away; any other text that names no record is let go.
        if (typed !== null && typed.trim() === '' && title !== '') onPick(null);
        setTyped(null);
        onLeave?.();
      }}
    />
  );
}
