/** What crosses the worker boundary about what needs attention. Defined in core, because the store, which makes it, sees core alone. */
export type * from '../core/attention.ts';
