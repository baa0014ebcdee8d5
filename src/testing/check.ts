/** Checks that run in any engine, in a worker without a test runner: each throws what is wrong. */

export interface Check<Host> {
  readonly title: string;
  readonly run: (host: Host) => void;
}

/** Throws unless both read the same as JSON, bytes included. */
export function same(found: unknown, expected: unknown, about = ''): void {
  const [a, b] = [asText(found), asText(expected)];
  if (a !== b) throw new Error(`${about}${about && ': '}found ${shorten(a)}, expected ${shorten(b)}`);
}

export function holds(condition: boolean, about: string): void {
  if (!condition) throw new Error(about);
}

function asText(value: unknown): string {
  return (
    JSON.stringify(value, (_, each: unknown) => {
      if (each instanceof Uint8Array) return { bytes: [...each] };
      if (typeof each === 'bigint') return { bigint: String(each) };
      return typeof each === 'number' && !Number.isFinite(each) ? String(each) : each;
    }) ?? 'undefined'
  );
}

const shorten = (text: string): string => (text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text);
