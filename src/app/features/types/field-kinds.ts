/** The kinds of fields, as they are offered. */
import {
  AlignLeft,
  AtSign,
  Calendar,
  CalendarClock,
  CircleDot,
  Hash,
  Link2,
  type LucideIcon,
  Phone,
  Spline,
  SquareCheck,
  Tags,
  Type,
} from 'lucide-react';
import type { FieldKind } from '../../../core/attribute.ts';

export interface KindWords {
  readonly kind: FieldKind;
  readonly name: string;
  /** One line: what it is for. */
  readonly explanation: string;
  readonly icon: LucideIcon;
}

/** In the order in which they are offered. */
export const FIELD_KIND_WORDS: readonly KindWords[] = [
  { kind: 'text', name: 'Text', explanation: 'A name, a number plate, anything on one line', icon: Type },
  { kind: 'longText', name: 'Long text', explanation: 'Notes of several lines', icon: AlignLeft },
  { kind: 'number', name: 'Number', explanation: 'Amounts, measures and counts', icon: Hash },
  { kind: 'date', name: 'Date', explanation: 'A day in the calendar', icon: Calendar },
  {
    kind: 'dateTime',
    name: 'Date and time',
    explanation: 'A moment, shown on each reader’s own clock',
    icon: CalendarClock,
  },
  { kind: 'checkbox', name: 'Checkbox', explanation: 'Yes or no', icon: SquareCheck },
  { kind: 'select', name: 'Select', explanation: 'One of a list that you make, such as a status', icon: CircleDot },
  {
    kind: 'multiSelect',
    name: 'Multi-select',
    explanation: 'Several of a list that you make, such as tags',
    icon: Tags,
  },
  { kind: 'link', name: 'Link to a record', explanation: 'Points to a record of this or another type', icon: Spline },
  { kind: 'email', name: 'E-mail', explanation: 'An address that opens your mail program', icon: AtSign },
  { kind: 'url', name: 'Web address', explanation: 'A page that opens in a new tab', icon: Link2 },
  { kind: 'phone', name: 'Phone', explanation: 'A number that can be called', icon: Phone },
];

const byKind = new Map(FIELD_KIND_WORDS.map((words) => [words.kind, words]));

export function wordsOfKind(kind: FieldKind): KindWords {
  const words = byKind.get(kind);
  if (!words) throw new Error(`no words for ${kind}`);
  return words;
}
