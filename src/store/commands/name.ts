import { err, ok, type Result } from '../../core/result.ts';

const MAX_NAME = 200;

/** A name as it is kept: trimmed, on one line. The error follows what was to be named. */
export function checkName(name: unknown): Result<string, string> {
  if (typeof name !== 'string') return err('needs a name');
  const bare = name
    .toWellFormed()
    .replaceAll(/[\0-\x1f\s]+/g, ' ')
    .trim();
  if (bare === '') return err('needs a name');
  return bare.length > MAX_NAME ? err(`has a name longer than ${MAX_NAME} characters`) : ok(bare);
}
