import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const UNSHARE = '/usr/bin/unshare';

/**
 * A command to put before another one, which then sees a file system of its own at `folder`: so small that it can be filled,
 * in memory, and gone with the process. What is in `folder` is copied into it.
 */
export function onSmallDisk(folder: string, megabytes: number): string[] {
  const script =
    'mkdir "$0.small" && mount -t tmpfs -o size="$1"m tmpfs "$0.small" && cp -a "$0/." "$0.small" && ' +
    'mount --move "$0.small" "$0" && shift && exec "$@"';
  return [UNSHARE, '--user', '--map-root-user', '--mount', 'sh', '-c', script, folder, String(megabytes)];
}

/** Whether this system lets us make one: Linux does, unless its keeper forbids it. */
export const canMakeSmallDisks = (): boolean =>
  process.platform === 'linux' &&
  spawnSync(UNSHARE, ['--user', '--map-root-user', '--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0;

/** The small disk of a running process, as seen from outside. */
export class SmallDisk {
  readonly #folder: string;

  constructor(pid: number, folder: string) {
    this.#folder = `/proc/${pid}/root${folder}`;
  }

  get #filler(): string {
    return join(this.#folder, 'filler');
  }

  /** Bytes that are left. */
  room(): number {
    const { bavail, bsize } = statfsSync(this.#folder);
    return bavail * bsize;
  }

  /** Takes all the room that is left, to the last block. */
  fill(): void {
    writeFileSync(this.#filler, Buffer.alloc(this.room()));
  }

  empty(): void {
    rmSync(this.#filler);
  }

  copyTo(folder: string): void {
    cpSync(this.#folder, folder, { recursive: true });
  }
}
