/**
 * Puts a file where the person wants it: with the browser's file dialog, written piece by piece onto the disk, where there
 * is one; else as a download, gathered in blobs, which browsers keep out of the page's memory.
 */

/** Text is written as UTF-8. */
export type FilePart = string | Uint8Array<ArrayBuffer> | Blob;

export interface FileKind {
  /** What file dialogs call it. */
  readonly description: string;
  readonly mime: string;
  /** With its dot. */
  readonly extension: string;
}

export const SQLITE_FILE: FileKind = {
  description: 'Daybook backup',
  mime: 'application/vnd.sqlite3',
  extension: '.sqlite3',
};
export const LINES_FILE: FileKind = { description: 'JSON Lines', mime: 'application/jsonl', extension: '.jsonl' };
export const JSON_FILE: FileKind = { description: 'JSON', mime: 'application/json', extension: '.json' };
export const CSV_FILE: FileKind = { description: 'CSV', mime: 'text/csv', extension: '.csv' };

/** Beyond what TypeScript knows of browsers. */
interface FilePicker {
  showSaveFilePicker?(options: {
    readonly suggestedName: string;
    readonly types: readonly { readonly description: string; readonly accept: { readonly [mime: string]: string[] } }[];
  }): Promise<FileSystemFileHandle>;
}

interface Sink {
  write(part: FilePart): Promise<void>;
  close(): Promise<void>;
  /** Leaves no half a file behind. */
  abort(): Promise<void>;
}

/**
 * Asks where to, then lets `produce` write. To be called straight from a click: browsers ask for that.
 * @returns whether it was saved; false when the person changed their mind. Rejects with what failed.
 */
export async function saveFile(
  name: string,
  kind: FileKind,
  produce: (write: Sink['write']) => Promise<void>,
): Promise<boolean> {
  const sink = await openSink(name, kind);
  if (sink === null) return false;
  try {
    await produce((part) => sink.write(part));
    await sink.close();
  } catch (error) {
    await sink.abort().catch(() => undefined);
    throw error;
  }
  return true;
}

async function openSink(name: string, kind: FileKind): Promise<Sink | null> {
  const picker = globalThis as FilePicker;
  if (picker.showSaveFilePicker === undefined) return gather(name, kind);
  let handle: FileSystemFileHandle;
  try {
    handle = await picker.showSaveFilePicker({
      suggestedName: name,
      types: [{ description: kind.description, accept: { [kind.mime]: [kind.extension] } }],
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    // Not allowed here, or not after such a while: a download always is.
    return gather(name, kind);
  }
  // What is written is moved to its place at the end: until then the file is what it was.
  return handle.createWritable();
}

function gather(name: string, kind: FileKind): Sink {
  const parts: Blob[] = [];
  return {
    write: async (part) => void parts.push(new Blob([part])),
    close: async () => download(new Blob(parts, { type: kind.mime }), name),
    abort: async () => void parts.splice(0),
  };
}

function download(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after the click has returned.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
