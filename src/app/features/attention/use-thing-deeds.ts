import { useState } from 'react';
import type { AttentionKind, ThingId, ThingsPage } from '../../../core/attention.ts';
import { attentionName } from '../../file-names.ts';
import { JSON_FILE, saveFile } from '../../save-file.ts';
import { useToast } from '../../ui/toast.tsx';
import { useClient, useValue } from '../../use-client.tsx';
import { retriedWords } from './thing-words.ts';

/** What can be done about one thing, or (null) about everything of a kind that needs attention; one deed at a time. */
export interface ThingDeeds {
  readonly busy: boolean;
  retry(kind: AttentionKind, id: ThingId | null): void;
  discard(kind: AttentionKind, id: ThingId | null): void;
  save(kind: AttentionKind, id: ThingId | null): void;
}

/** Each deed says in a toast what came of it. */
export function useThingDeeds(): ThingDeeds {
  const client = useClient();
  const toast = useToast();
  const linked = useValue(client.status)?.details.serverUrl != null;
  const [busy, setBusy] = useState(false);

  const run = (work: () => Promise<string | null>) => {
    if (busy) return;
    setBusy(true);
    work()
      .then(
        (text) => text !== null && toast({ text }),
        (reason: unknown) => toast({ text: reason instanceof Error ? reason.message : String(reason), tone: 'alert' }),
      )
      .finally(() => setBusy(false));
  };
  return {
    busy,
    retry: (kind, id) => run(async () => retriedWords(kind, valueOf(await client.retryThings(kind, id)), linked)),
    discard: (kind, id) =>
      run(async () => {
        const count = valueOf(await client.discardThings(kind, id));
        return count === 1 ? 'Discarded.' : `${count.toLocaleString('en')} discarded.`;
      }),
    save: (kind, id) =>
      run(async () => {
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

/** Throws the sentence of the error, for the toast. */
function valueOf<T>(
  result:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: { readonly message: string } },
): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
