import { useRef, useState } from 'react';
import type { AttentionKind, ThingId, ThingsPage } from '../../../core/attention.ts';
import { attentionName } from '../../file-names.ts';
import { JSON_FILE, saveFile } from '../../save-file.ts';
import { useToast } from '../../ui/toast.tsx';
import { useClient, useValue } from '../../use-client.tsx';
import { retriedWords } from './thing-words.ts';

type Deed = 'retry' | 'discard' | 'save';

/** What can be done about one thing, or (null) about everything of a kind that needs attention. */
export interface ThingDeeds {
  /** Whether this very deed is under way: asked for again meanwhile, it is not done twice. All others are done at once. */
  busy(deed: Deed, kind: AttentionKind, id: ThingId | null): boolean;
  retry(kind: AttentionKind, id: ThingId | null): void;
  discard(kind: AttentionKind, id: ThingId | null): void;
  save(kind: AttentionKind, id: ThingId | null): void;
}

/** Each deed says in a toast what came of it. */
export function useThingDeeds(): ThingDeeds {
  const client = useClient();
  const toast = useToast();
  const linked = useValue(client.status)?.details.serverUrl != null;
  const running = useRef(new Set<string>());
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set());

  const run = (key: string, work: () => Promise<string | null>) => {
    if (running.current.has(key)) return;
    running.current.add(key);
    setShown(new Set(running.current));
    work()
      .then(
        (text) => text !== null && toast({ text }),
        (reason: unknown) => toast({ text: reason instanceof Error ? reason.message : String(reason), tone: 'alert' }),
      )
      .finally(() => {
        running.current.delete(key);
        setShown(new Set(running.current));
      });
  };
  return {
    busy: (deed, kind, id) => shown.has(keyOf(deed, kind, id)),
    retry: (kind, id) =>
      run(keyOf('retry', kind, id), async () =>
        retriedWords(kind, valueOf(await client.retryThings(kind, id)), linked),
      ),
    discard: (kind, id) =>
      run(keyOf('discard', kind, id), async () => {
        const count = valueOf(await client.discardThings(kind, id));
        return count === 1 ? 'Discarded.' : `${count.toLocaleString('en')} discarded.`;
      }),
    save: (kind, id) =>
      run(keyOf('save', kind, id), async () => {
        const name = attentionName(new Date());
        const saved = await saveFile(name, JSON_FILE, async (write) => {
          await write(
            `{"format":"daybook-attention","version":1,"exportedAt":"${new Date().toISOString()}","things":[`,
          );
          let first = true;
          for (let after: number | null = 0; after !== null;) {
            const page: ThingsPage = valueOf(await client.exportThings(kind, id, after));
            for (const text of page.things) {
              await write(`${first ? '' : ','}\n${text}`);
              first = false;
            }
            after = page.next;
          }
          await write('\n]}\n');
        });
        return saved ? `Saved ${name}` : null;
      }),
  };
}

const keyOf = (deed: Deed, kind: AttentionKind, id: ThingId | null): string => `${deed} ${kind} ${id ?? 'all'}`;

/** Throws the sentence of the error, for the toast. */
function valueOf<T>(
  result:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: { readonly message: string } },
): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
