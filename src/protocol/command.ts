/** Commands as they cross the worker boundary. They are defined in core, because the store, which carries them out, sees core alone. */
export type * from '../core/command.ts';
