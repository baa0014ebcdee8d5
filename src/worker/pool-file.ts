/** Reads a file of the pool as it is, without SQLite making anything of it. */
import type { FileBytes } from '../store/salvage/page-file.ts';
import { SqlError } from '../store/database.ts';
import type { Engine } from './sqlite-engine.ts';

const FILE_POINTER = 7;

export interface PoolFile extends FileBytes {
  close(): void;
}

/**
 * Opens a file of the pool for reading. A connection that runs no statement touches nothing but the file's first bytes; it
 * lends its file handle, through which one can read at the speed of the pool. Throws SqlError when there is no such file.
 * @param vfs name of the pool's VFS
 */
export function openPoolFile(engine: Engine, vfs: string, name: string): PoolFile {
  const { sqlite3, raw } = engine;
  const { capi, wasm } = sqlite3;
  const scope = wasm.scopedAllocPush();
  let connection = 0;
  try {
    const out = Number(wasm.scopedAllocPtr(1));
    const code = capi.sqlite3_open_v2(name, out, capi.SQLITE_OPEN_READONLY, vfs);
    connection = wasm.peekPtr(out);
    if (code !== 0) throw new SqlError('io', `the file ${name} could not be opened (${code})`);
    raw.sqlite3_file_control(connection, 0, FILE_POINTER, out);
    const pointer = wasm.peekPtr(out);
    const file = new capi.sqlite3_file(pointer);
    const methods = new capi.sqlite3_io_methods(file.$pMethods);
    const { $xRead, $xFileSize } = methods as unknown as { readonly $xRead: number; readonly $xFileSize: number };
    const read = wasm.functionEntry($xRead) as (file: number, to: number, bytes: number, at: bigint) => number;
    const measure = wasm.functionEntry($xFileSize) as (file: number, out: number) => number;
    const sizeOut = wasm.scopedAlloc(8);
    measure(pointer, sizeOut);
    const size = Number(wasm.peek64(sizeOut));
    file.dispose();
    methods.dispose();
    let buffer = 0;
    let room = 0;
    return {
      size,
      read: (offset, length) => {
        const bytes = Math.max(0, Math.min(length, size - offset));
        if (bytes > room) {
          wasm.dealloc(buffer);
          buffer = wasm.alloc(bytes);
          room = bytes;
        }
        // What the disk does not give comes as zeros, which are no page of anything.
        if (bytes > 0 && read(pointer, buffer, bytes, BigInt(offset)) !== 0) return new Uint8Array(bytes);
        return wasm.heap8u().slice(buffer, buffer + bytes);
      },
      close: () => {
        wasm.dealloc(buffer);
        capi.sqlite3_close_v2(connection);
        connection = 0;
      },
    };
  } catch (error) {
    capi.sqlite3_close_v2(connection);
    throw error;
  } finally {
    wasm.scopedAllocPop(scope);
  }
}
