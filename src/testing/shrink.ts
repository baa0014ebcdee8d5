/** The shortest list, made by leaving out, that still fails: halves first, then single ones. */
export async function shrink<T>(
  list: readonly T[],
  fails: (list: readonly T[]) => Promise<boolean>,
  mostTries: number,
): Promise<readonly T[]> {
  let shortest = list;
  let size = Math.ceil(shortest.length / 2);
  for (let tries = 0; size >= 1 && tries < mostTries;) {
    let shorter = false;
    for (let at = 0; at < shortest.length && tries < mostTries; tries++) {
      const without = [...shortest.slice(0, at), ...shortest.slice(at + size)];
      if (await fails(without)) {
        shortest = without;
        shorter = true;
      } else {
        at += size;
      }
    }
    if (!shorter && size === 1) break;
    if (!shorter || size > 1) size = Math.max(1, Math.floor(size / 2));
  }
  return shortest;
}
