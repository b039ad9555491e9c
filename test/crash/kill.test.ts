import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import {
  configuration,
  executable,
  healthy,
  notification,
  post,
  SECRET,
  startAgent,
  temporaryDirectory,
} from '../support/agent-process.ts';
import { OtlpSink } from '../support/otlp-sink.ts';
import { crashArguments, seeded } from './arguments.ts';

const { rounds, seed } = crashArguments();
const LOADERS = 16;

it(`kill -9 under load, ${rounds} times: every id answered 200 arrives, and nothing foreign does (--seed ${seed})`, async (t) => {
  const random = seeded(seed);
  const sink = await OtlpSink.start();
  t.after(() => sink.close());
  const directory = await temporaryDirectory(t);
  const settings = {
    directory,
    exporters: `  otlp_http:\n    endpoint: ${sink.url}\n    sending_queue: { batch: { flush_timeout: 20ms } }\n`,
    use: ['otlp_http'],
    storage: '    segment_bytes: 256KiB',
  };
  const tried = new Set<string>();
  const acknowledged = new Set<string>();
  let number = 0;
  for (let round = 0; round < rounds; round++) {
    const agent = await startAgent(settings);
    let killed = false;
    const load = Array.from({ length: LOADERS }, async () => {
      while (!killed) {
        const id = `notif_${number++}`;
        tried.add(id);
        const status = await post(agent.origin, notification(id)).catch(() => 0);
        if (status === 200) acknowledged.add(id);
        else assert.equal(status, 0, `an answer of ${status}`);
      }
    });
    const enough = acknowledged.size + 20 + Math.floor(random() * 400);
    while (acknowledged.size < enough) await new Promise((resolve) => setImmediate(resolve));
    killed = true;
    await agent.kill('SIGKILL');
    await Promise.all(load);
  }
  const agent = await startAgent(settings);
  t.after(() => void agent.child.kill('SIGKILL'));
  const { deliveries } = await healthy(agent, (now) => now.deliveries.every(({ pending }) => pending === 0), 60_000);
  const arrived = sink.records.map(({ attributes }) => attributes['log.record.uid'] as string);
  const distinct = new Set(arrived);
  const missing = [...acknowledged].filter((id) => !distinct.has(id));
  const foreign = [...distinct].filter((id) => !tried.has(id));
  assert.deepEqual(missing, []);
  assert.deepEqual(foreign, []);
  const [delivery] = deliveries;
  assert.equal(delivery?.delivered, distinct.size, 'the ledger counts each record once');
  t.diagnostic(
    `${acknowledged.size} answered 200 in ${rounds} rounds, ${distinct.size} distinct arrived, ${arrived.length - distinct.size} repeated`,
  );
});

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
