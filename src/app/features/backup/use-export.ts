import { useState } from 'react';
import type { Client } from '../../client.ts';
import { backupName, linesName } from '../../file-names.ts';
import { type FileKind, type FilePart, LINES_FILE, saveFile, SQLITE_FILE } from '../../save-file.ts';
import { useToast } from '../../ui/toast.tsx';
import { useClient } from '../../use-client.tsx';

type What = 'backup' | 'changes' | 'kept';

interface Export {
  readonly kind: FileKind;
  readonly name: (now: Date) => string;
  readonly produce: (client: Client, write: (part: FilePart) => Promise<void>) => Promise<void>;
}

const EXPORTS: { readonly [what in What]: Export } = {
  backup: { kind: SQLITE_FILE, name: backupName, produce: async (client, write) => write(await client.backup()) },
  changes: { kind: LINES_FILE, name: linesName, produce: writeLines },
  kept: {
    kind: SQLITE_FILE,
    name: (now) => backupName(now).replace('daybook-', 'daybook-before-'),
    produce: async (client, write) => write(await client.exportKept()),
  },
};

async function writeLines(client: Client, write: (part: FilePart) => Promise<void>): Promise<void> {
  for (let page = await client.exportLines(null); ; page = await client.exportLines(page.next)) {
    if (page.text !== '') await write(page.text);
    if (page.next === null) return;
  }
}

/** Saves files, one at a time. `busy`: the one that is being made. */
export function useExport(): { readonly busy: What | null; readonly save: (what: What) => void } {
  const client = useClient();
  const toast = useToast();
  const [busy, setBusy] = useState<What | null>(null);
  const run = async (what: What) => {
    const { kind, name, produce } = EXPORTS[what];
    const fileName = name(new Date());
    setBusy(what);
    try {
      if (await saveFile(fileName, kind, (write) => produce(client, write))) toast({ text: `Saved ${fileName}` });
    } catch (reason) {
      toast({ text: `Not saved: ${reason instanceof Error ? reason.message : String(reason)}`, tone: 'alert' });
    }
    setBusy(null);
  };
  return { busy, save: (what) => busy === null && void run(what) };
}
