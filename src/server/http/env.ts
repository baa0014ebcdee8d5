import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../auth/caller.ts';

/** What requests carry with them through Hono. */
export interface Env {
  Bindings: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse };
  Variables: {
    readonly caller: Caller;
    /** Aborted when the caller's access ends. */
    readonly ended: AbortSignal;
  };
}
