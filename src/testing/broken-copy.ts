/** A copy of the code in which one thing is broken (mutations.ts), to see who notices. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Mutation } from './mutations.ts';

export class BrokenCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'daybook-mutants-'));

  constructor() {
    const root = resolve(import.meta.dirname, '..', '..');
    for (const name of ['node_modules', 'package.json']) symlinkSync(join(root, name), join(this.folder, name));
    cpSync(join(root, 'src'), join(this.folder, 'original'), { recursive: true });
  }

  /** Breaks this one thing, and mends what was broken before. Returns why it cannot, or null. */
  break({ file, before, after }: Mutation): string | null {
    const broken = join(this.folder, 'src');
    rmSync(broken, { recursive: true, force: true });
    cpSync(join(this.folder, 'original'), broken, { recursive: true });
    const path = join(broken, file);
    const parts = readFileSync(path, 'utf8').split(before);
    if (parts.length !== 2) return `what is to be replaced stands ${parts.length - 1} times in ${file}`;
    writeFileSync(path, parts.join(after));
    return null;
  }

  delete(): void {
    rmSync(this.folder, { recursive: true });
  }
}
