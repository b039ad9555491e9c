import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { configuration, executable, SECRET, temporaryDirectory } from '../support/agent-process.ts';

it('50 simultaneous starts on one directory: one owner', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'agent.yaml');
  await writeFile(file, configuration({ directory, exporters: '  nop:\n', use: ['nop'] }));
  const env = { ...process.env, TEST_SECRET: SECRET, OTHER_SECRET: `${SECRET}-other` };
  const children = Array.from({ length: 50 }, () =>
    spawn(process.execPath, [executable, 'run', '--config', file], { env, stdio: ['ignore', 'ignore', 'pipe'] }),
  );
  t.after(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  let ready = 0;
  let refused = 0;
  await new Promise<void>((resolve, reject) => {
    for (const child of children) {
      let text = '';
      child.stderr.setEncoding('utf8').on('data', (part: string) => {
        const was = /Everything is ready/.test(text);
        text += part;
        if (!was && /Everything is ready/.test(text)) ready++;
        if (ready + refused === children.length) resolve();
      });
      child.once('close', (code) => {
        refused++;
        if (code !== 1 || !/is in use by process/.test(text)) reject(new Error(`exit ${code}: ${text}`));
        if (ready + refused === children.length) resolve();
      });
    }
  });
  assert.equal(ready, 1);
});
