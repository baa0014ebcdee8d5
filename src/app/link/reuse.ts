type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** `next`, with every part that equals the same part of `last` taken from there: what has not changed keeps its identity. */
export function reuse<T>(last: unknown, next: T): T {
  return reuseJson(last as Json, next as Json) as T;
}

function reuseJson(last: Json | undefined, next: Json): Json {
  if (last === next || typeof last !== 'object' || typeof next !== 'object' || last === null || next === null)
    return next;
  if (Array.isArray(next)) {
    if (!Array.isArray(last)) return next;
    const parts = next.map((part: Json, i) => reuseJson(last[i] as Json | undefined, part));
    return parts.length === last.length && parts.every((part, i) => part === last[i]) ? last : parts;
  }
  if (Array.isArray(last)) return next;
  const before = last as { readonly [key: string]: Json };
  const entries = Object.entries(next).map(([key, part]) => [key, reuseJson(before[key], part)] as const);
  const same =
    entries.length === Object.keys(before).length &&
    entries.every(([key, part]) => key in before && part === before[key]);
  return same ? last : Object.fromEntries(entries);
}
