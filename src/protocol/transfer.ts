/** What crosses the worker boundary about files. Defined in core, because the store, which makes it, sees core alone. */
export type * from '../core/transfer.ts';
