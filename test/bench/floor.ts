import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SECRET } from '../support/agent-process.ts';
import { USUAL_BYTES } from '../support/notifications.ts';
import type { Figures } from './figures.ts';
import type { Place, Subject } from './subject.ts';

export async function startFloor(kind: 'bare' | 'hmac'): Promise<Subject> {
  const child = fork(fileURLToPath(new URL('./floor.process.js', import.meta.url)), [kind, SECRET]);
  const [port] = (await once(child, 'message')) as [number];
  return {
    ...{ pid: child.pid as number, port, paths: ['/'], secret: SECRET },
    stop: () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      return ended;
    },
  };
}

/** What the disk does: appends of a notification with a sync after each, and after each 64. */
export async function measureDisk({ directory }: Place, seconds: number): Promise<Figures> {
  return { syncs: syncRate(directory, seconds, 1), groupSynced: syncRate(directory, seconds, 64) };
}

function syncRate(directory: string, seconds: number, group: number): number {
  const file = openSync(join(directory, `disk-${group}`), 'a');
  const bytes = Buffer.alloc(USUAL_BYTES * group, 'x');
  const began = performance.now();
  let count = 0;
  while (performance.now() - began < seconds * 1000) {
    writeSync(file, bytes);
    fdatasyncSync(file);
    count += group;
  }
  const taken = performance.now() - began;
  closeSync(file);
  return (count * 1000) / taken;
}
