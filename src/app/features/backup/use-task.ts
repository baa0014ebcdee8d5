import { useCallback, useEffect, useRef, useState } from 'react';
import type { FileError } from '../../../core/transfer.ts';
import type { Result } from '../../../core/result.ts';

export type Task<T> =
  /** `done`: 0 to 1. */
  | { readonly kind: 'running'; readonly done: number }
  | { readonly kind: 'failed'; readonly error: FileError }
  | { readonly kind: 'finished'; readonly value: T };

/** Something with a file that takes a while: at once when `start` is given, else when `run` is called. */
export function useTask<T>(
  work: (tell: (done: number) => void) => Promise<Result<T, FileError>>,
  start: 'atOnce' | 'later',
): { readonly task: Task<T> | null; readonly run: () => void } {
  const [task, setTask] = useState<Task<T> | null>(start === 'atOnce' ? { kind: 'running', done: 0 } : null);
  const latest = useRef(work);
  useEffect(() => {
    latest.current = work;
  });
  const run = useCallback(() => {
    setTask({ kind: 'running', done: 0 });
    const tell = (done: number) =>
      setTask((before) => (before?.kind === 'running' ? { kind: 'running', done } : before));
    void latest
      .current(tell)
      .then((result) =>
        setTask(result.ok ? { kind: 'finished', value: result.value } : { kind: 'failed', error: result.error }),
      );
  }, []);
  const started = useRef(false);
  useEffect(() => {
    if (start !== 'atOnce' || started.current) return;
    started.current = true;
    run();
  }, [start, run]);
  return { task, run };
}
