/** Small volumes of a test's own, where the machine lets mount. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';

/** Set for the process that runs in a namespace where this user may mount. */
const INSIDE = 'TEST_MOUNTS_INSIDE';

/**
 * Runs the tests of a file that mount: here, or in a namespace of their own, or not at all, which is said.
 * @param file the file's URL: it is run again inside the namespace
 */
export function describeVolumes(name: string, file: URL, tests: () => void): void {
  if (mayMount()) describe(name, tests);
  else if (!process.env[INSIDE] && spawnSync('unshare', ['-rm', 'true']).status === 0) {
    test(`${name} (in a namespace)`, () => {
      const { status, stdout, stderr } = spawnSync('unshare', ['-rm', process.execPath, '--test', file.pathname], {
        env: { ...process.env, [INSIDE]: '1' },
        encoding: 'utf8',
      });
      assert.equal(status, 0, `${stdout}\n${stderr}`);
    });
  } else test(name, { skip: 'this user may not mount a volume' }, () => {});
}

function mayMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'volume-'));
  try {
    if (spawnSync('mount', ['-t', 'tmpfs', 'none', path]).status !== 0) return false;
    return spawnSync('umount', [path]).status === 0;
  } finally {
    rmSync(path, { recursive: true });
  }
}

export interface Volume {
  readonly path: string;
  /** Is done before the volume goes, the last one first. */
  atEnd(end: () => Promise<unknown>): void;
  remount(how: 'ro' | 'rw'): void;
  /** Someone else takes all that is free, but for so many bytes; `release` gives it back. */
  occupy(exceptBytes?: number): { release(): void };
}

/** Is gone when the test is over. */
export function smallVolume(t: TestContext, megabytes: number): Volume {
  const path = mkdtempSync(join(tmpdir(), 'volume-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', path]);
  const ends: (() => Promise<unknown>)[] = [];
  t.after(async () => {
    for (const end of ends.reverse()) await end();
    execFileSync('umount', [path]);
    rmSync(path, { recursive: true });
  });
  return {
    path,
    atEnd: (end) => void ends.push(end),
    remount: (how) => void execFileSync('mount', ['-o', `remount,${how}`, path]),
    occupy(exceptBytes = 0) {
      const spare = join(path, 'spare');
      const others = join(path, 'others');
      if (exceptBytes > 0) fill(spare, exceptBytes);
      fill(others, Number.POSITIVE_INFINITY);
      rmSync(spare, { force: true });
      return { release: () => rmSync(others) };
    },
  };
}

/** As many bytes as there is room for, and no more than that. */
function fill(path: string, bytes: number): void {
  const file = openSync(path, 'w');
  try {
    for (let left = bytes; left > 0; ) left -= writeSync(file, Buffer.alloc(Math.min(left, 4_096), 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}
