import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { notification, post, startAgent, temporaryDirectory } from '../support/agent-process.ts';

const traceable = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
const skip = traceable
  ? false
  : 'skipped: strace is not here, or may not trace; the order is also proved by test/journal/file';

it('the bytes are synced before the first byte of the 200 leaves: what the kernel saw', { skip }, async (t) => {
  const directory = await temporaryDirectory(t);
  const trace = join(directory, 'trace');
  const calls = 'trace=write,writev,pwrite64,pwritev,sendto,sendmsg,fdatasync,fsync,io_uring_enter';
  const agent = await startAgent({
    directory,
    exporters: '  nop:\n',
    use: ['nop'],
    under: ['strace', '-D', '-f', '-y', '-s', '4096', '-e', calls, '-o', trace],
  });
  t.after(() => void agent.child.kill('SIGKILL'));
  for (let number = 0; number < 3; number++)
    assert.equal(await post(agent.origin, notification(`durable-${number}`)), 200);
  await agent.kill('SIGTERM');

  const lines = (await readFile(trace, 'utf8')).split('\n');
  for (let number = 0; number < 3; number++) {
    const written = lines.findIndex(
      (line) => line.includes(`durable-${number}`) && /p?writev?(?:64)?\(\d+<[^>]*\.log>/.test(line),
    );
    assert.ok(written >= 0, 'the entry was written to a segment');
    const synced = lines.findIndex((line, index) => index > written && isSyncOfLog(lines, index, line));
    const answered = lines.findIndex(
      (line, index) => index > written && /writev?\(\d+<(?:socket|TCP)[^\n]*HTTP\/1\.1 200/.test(line),
    );
    assert.ok(answered >= 0, 'the 200 was written to a socket');
    assert.ok(synced >= 0 && synced < answered, `synced at line ${synced} of the trace, answered at line ${answered}`);
  }
});

/** A sync of a segment that began after the write (strace shows its end on a line of its own when threads interleave). */
function isSyncOfLog(lines: readonly string[], index: number, line: string): boolean {
  if (/fdatasync\(\d+<[^>]*\.log>\)\s+= 0/.test(line)) return true;
  const resumed = /^(\d+)\s+<\.\.\. fdatasync resumed>.*= 0/.exec(line);
  if (!resumed) return false;
  const begun = lines.slice(0, index).findLast((earlier) => earlier.startsWith(`${resumed[1]} `));
  return begun !== undefined && /fdatasync\(\d+<[^>]*\.log>/.test(begun);
}
