import {
  type HTMLInputTypeAttribute,
  type KeyboardEvent,
  type RefCallback,
  useCallback,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { Field } from '../../../core/query.ts';
import { toJsonText, type JsonValue } from '../../../core/value.ts';
import { draftOf, localWriting, valueOf } from './drafts.ts';

const INPUTS: {
  readonly [kind in Field['kind']]?: {
    readonly type: HTMLInputTypeAttribute;
    readonly inputMode?: 'decimal' | 'email' | 'tel' | 'url';
  };
} = {
  number: { type: 'text', inputMode: 'decimal' },
  date: { type: 'date' },
  dateTime: { type: 'datetime-local' },
  email: { type: 'text', inputMode: 'email' },
  url: { type: 'text', inputMode: 'url' },
  phone: { type: 'tel', inputMode: 'tel' },
};

export interface TextEditorProps {
  readonly field: Field;
  readonly value: JsonValue | undefined;
  /** A value was typed that differs from `value`. */
  readonly onSave: (value: JsonValue) => void;
  /** What was typed means nothing: why, and the text, which stays. Null: it means something again. */
  readonly onProblem: (problem: { readonly reason: string; readonly text: string } | null) => void;
  /** Text to start with instead of the value's: a key that was typed, or what could not be saved. */
  readonly start?: string | undefined;
  /** For a cell: called when the edit is over. Without it the editor just stays. */
  readonly onDone?: ((how: 'enter' | 'tab' | 'backTab' | 'escape' | 'blur') => void) | undefined;
  readonly id?: string | undefined;
  readonly label?: string | undefined;
  readonly describedBy?: string | undefined;
  readonly invalid?: boolean;
  readonly focusAtOnce?: boolean;
  readonly className?: string | undefined;
  readonly placeholder?: string | undefined;
}

/** One value of a kind that is typed. Saves on leaving it and on Enter; what cannot be saved stays as it was typed. */
export function TextEditor(props: TextEditorProps) {
  const { field, value, onSave, onProblem, onDone, focusAtOnce = false } = props;
  const writing = useMemo(() => localWriting(navigator.language), []);
  const kept = draftOf(field, value, writing);
  // Null while nothing was typed: then the value shows, also when it changes elsewhere.
  const [typed, setTyped] = useState<string | null>(props.start ?? null);
  const over = useRef(false);
  const text = typed ?? kept;

  /** Whether the text could be taken. */
  const commit = (input: HTMLInputElement | HTMLTextAreaElement): boolean => {
    if (typed === null && !input.validity.badInput) return true;
    const read = input.validity.badInput
      ? ({ ok: false, error: field.kind === 'date' ? 'is not a whole date' : 'is not a whole date and time' } as const)
      : valueOf(field, text, writing);
    if (!read.ok) {
      onProblem({ reason: read.error, text });
      return false;
    }
    onProblem(null);
    setTyped(null);
    if (toJsonText(read.value) !== toJsonText(value ?? null)) onSave(read.value);
    return true;
  };

  const finish = (how: 'enter' | 'tab' | 'backTab' | 'escape' | 'blur') => {
    over.current = true;
    onDone?.(how);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement | HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      if (typed === null && onDone === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      setTyped(null);
      onProblem(null);
      // Half a date in a native input is not in its value.
      if (event.currentTarget.validity.badInput) event.currentTarget.value = kept;
      finish('escape');
    } else if (event.key === 'Enter' && !(field.kind === 'longText' && (event.shiftKey || onDone === undefined))) {
      event.preventDefault();
      if (commit(event.currentTarget)) finish('enter');
    } else if (event.key === 'Tab' && onDone !== undefined) {
      event.preventDefault();
      if (commit(event.currentTarget)) finish(event.shiftKey ? 'backTab' : 'tab');
    }
  };

  const ref: RefCallback<HTMLInputElement | HTMLTextAreaElement> = useCallback(
    (element) => {
      if (element === null || !focusAtOnce) return;
      element.focus({ preventScroll: true });
      if (element.type === 'text' || element.type === 'tel' || element.type === 'textarea') {
        element.setSelectionRange(element.value.length, element.value.length);
      }
    },
    [focusAtOnce],
  );

  const shared = {
    id: props.id,
    'aria-label': props.label,
    'aria-describedby': props.describedBy,
    // Nothing was typed here: Control+Z means the last edit, wherever that was.
    'data-kept': typed === null || undefined,
    'aria-invalid': props.invalid === true ? (true as const) : undefined,
    className: props.className,
    value: text,
    onKeyDown,
    onBlur: (event: { readonly currentTarget: HTMLInputElement | HTMLTextAreaElement }) => {
      if (over.current && onDone !== undefined) return;
      commit(event.currentTarget);
      finish('blur');
    },
  };
  if (field.kind === 'longText') {
    return <textarea {...shared} rows={3} ref={ref} onChange={(event) => setTyped(event.target.value)} />;
  }
  const input = INPUTS[field.kind] ?? { type: 'text' };
  return (
    <input
      {...shared}
      {...input}
      autoComplete="off"
      step={field.kind === 'dateTime' && text.length > 16 ? 'any' : undefined}
      max={field.kind === 'date' ? '9999-12-31' : field.kind === 'dateTime' ? '9999-12-31T23:59' : undefined}
      placeholder={props.placeholder}
      ref={ref}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}
