/** The book, as components see it. */
import { createContext, type ReactNode, use, useMemo, useSyncExternalStore } from 'react';
import type { AnswerOf, Query } from '../core/query.ts';
import type { Client, Subscribable } from './client.ts';
import { queryAsOf } from './features/past/moment-address.ts';
import { useMoment } from './moment.tsx';

const ClientContext = createContext<Client | null>(null);

export function ClientProvider({ client, children }: { readonly client: Client; readonly children: ReactNode }) {
  return <ClientContext value={client}>{children}</ClientContext>;
}

/** The line to the book. Throws outside of a ClientProvider. */
export function useClient(): Client {
  const client = use(ClientContext);
  if (client === null) throw new Error('useClient stands outside of a ClientProvider');
  return client;
}

/** The present value of something that changes. */
export function useValue<T>(cell: Subscribable<T>): T {
  return useSyncExternalStore(cell.subscribe, cell.getSnapshot);
}

/**
 * The live answer to a query; undefined until the first one. What has not changed keeps its identity. Where one looks at
 * the past, the answer is as of then.
 */
export function useAnswer<const Q extends Query>(query: Q): AnswerOf<Q> | undefined {
  const client = useClient();
  const key = JSON.stringify(queryAsOf(query, useMoment()));
  // Equal queries are one, however often they are written anew.
  const live = useMemo(() => client.watch(JSON.parse(key) as Q), [client, key]);
  return useSyncExternalStore<AnswerOf<Q> | undefined>(live.subscribe, live.getSnapshot);
}
