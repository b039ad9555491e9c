import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./watchdog.process.js', import.meta.url));

async function run(...args: string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  const [code, signal] = await once(child, 'close');
  return { code, signal, errors };
}

test('a process that is stuck is ended, and says so; one that is not is left alone', async () => {
  const [stuck, well] = await Promise.all([run('2', 'forever'), run('2', 'never')]);
  assert.deepEqual([stuck.code, stuck.signal], [null, 'SIGKILL']);
  assert.match(stuck.errors, /did nothing for 2 s.*started anew/);
  assert.deepEqual(well, { code: 0, signal: null, errors: '' });
});
