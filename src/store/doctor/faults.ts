/** What a check has found so far: all is counted, the first few are told. */
const TOLD = 5;

export class Faults {
  count = 0;
  readonly examples: string[] = [];

  add(what: string, count = 1): void {
    if (count === 0) return;
    this.count += count;
    if (this.examples.length < TOLD) this.examples.push(what);
  }
}
