/** Queries as they cross the worker boundary. They are defined in core, because the store, which answers them, sees core alone. */
export type * from '../core/query.ts';
