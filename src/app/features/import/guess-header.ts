import { parseText } from '../../../core/validate.ts';

/**
 * Whether the first row looks like names of columns: every cell filled, different, short, on one line, and none of them
 * a number, date or address, which are values.
 */
export function guessHeader(first: readonly string[] | undefined): boolean {
  if (!first || first.length === 0) return false;
  const names = first.map((cell) => cell.trim());
  if (names.some((name) => name === '' || name.length > 100 || name.includes('\n'))) return false;
  if (new Set(names.map((name) => name.toLowerCase())).size < names.length) return false;
  return !names.some((name) =>
    (['number', 'date', 'dateTime', 'email'] as const).some((kind) => parseText({ kind }, name).ok),
  );
}

/** A name for each column: as in the file, told apart where two are alike, numbered where there is none. */
export function nameColumns(header: readonly string[] | null, width: number): readonly string[] {
  const used = new Set<string>();
  return Array.from({ length: width }, (_, index) => {
    const given = (header?.[index] ?? '').replace(/\s+/g, ' ').trim().slice(0, 100) || `Column ${index + 1}`;
    let name = given;
    for (let count = 2; used.has(name.toLowerCase()); count += 1) name = `${given} ${count}`;
    used.add(name.toLowerCase());
    return name;
  });
}
