import { contacts } from './contacts.ts';
import { fieldNotes } from './field-notes.ts';
import { inspections } from './inspections.ts';
import { stock } from './stock.ts';
import type { Template } from './template.ts';

/** In the order in which they are offered. */
export const TEMPLATES: readonly Template[] = [inspections, stock, contacts, fieldNotes];
