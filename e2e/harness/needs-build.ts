import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Stops the run before its first spec where there is no built app to test. */
export default function needsBuild(): void {
  if (existsSync(resolve(import.meta.dirname, '..', '..', 'dist', 'index.html'))) return;
  throw new Error('The specs run against the built app: npm run build first, or npm run test:e2e.');
}
