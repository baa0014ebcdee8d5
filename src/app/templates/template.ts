/** A ready-made start: types with fields, and a few records that show what they are for. Templates are data. */
import type { FieldKind } from '../../core/attribute.ts';

export interface Template {
  readonly key: 'inspections' | 'stock' | 'contacts' | 'field-notes';
  readonly name: string;
  /** One line under the name. */
  readonly summary: string;
  /** Name of a type icon. */
  readonly icon: string;
  /** In the order of the sidebar: the first is the one that opens. A link's target may stand before or after it. */
  readonly types: readonly [TemplateType, ...TemplateType[]];
}

export interface TemplateType {
  readonly key: string;
  readonly name: string;
  readonly icon: string;
  readonly fields: readonly TemplateField[];
  readonly samples: readonly TemplateSample[];
}

export interface TemplateField {
  readonly key: string;
  readonly name: string;
  readonly kind: FieldKind;
  /** Of select and multiSelect: name and tint (0 to 7). */
  readonly options?: readonly (readonly [name: string, tint: number])[];
  /** Of link: key of a type of the same template. */
  readonly target?: string;
}

/** Values by field key. */
export interface TemplateSample {
  /** What links of other samples call it. */
  readonly key?: string;
  readonly values: { readonly [field: string]: SampleValue };
}

/**
 * Options by name, links by a sample's key; days as distance from today, so that a sample which is due is due whenever
 * the template is used.
 */
export type SampleValue =
  | string
  | number
  | boolean
  | readonly string[]
  | { readonly day: number }
  /** `at`: time of day on the person's clock, `09:30`. */
  | { readonly day: number; readonly at: string };
