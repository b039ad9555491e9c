import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { healthy, SECRET, startAgent, temporaryDirectory } from '../support/agent-process.ts';
import { CountingSink } from '../support/counting-sink.ts';
import { USUAL_BYTES } from '../support/notifications.ts';
import { cpuMicros } from '../support/process-cpu.ts';
import { MemoryWatch, memoryMissing } from '../support/process-memory.ts';
import { startSending } from '../support/sender.ts';
import { steadyPort } from '../support/steady-port.ts';

const option = { type: 'string' } as const;
const { values } = parseArgs({
  args: JSON.parse(process.env.TEST_ARGS ?? '[]') as string[],
  options: { rate: option, seconds: option, connections: option },
  strict: false,
});
const rate = Number(values.rate ?? 2500);
const seconds = Number(values.seconds ?? 60);
const connections = Number(values.connections ?? 64);

/** Intercom gives up after 5 s. How much faster it is, is reported: it depends on the machine, and on who shares it. */
const SLOWEST_MS = 5000;
/** See the backlog test: what garbage that waits for its collector may come to. */
const TOLERANCE_MIB = 60;

it(`${rate}/s for ${seconds} s with one backend down: no refusal, flat memory`, { skip: memoryMissing }, async (t) => {
  const total = Math.round(rate * seconds);
  const sink = await CountingSink.start(total);
  t.after(() => sink.close());
  const down = await steadyPort(Math.random);
  const agent = await startAgent({
    directory: await temporaryDirectory(t),
    exporters: `  otlp_http/up:\n    endpoint: ${sink.url}\n  otlp_http/down:\n    endpoint: http://127.0.0.1:${down}\n`,
    use: ['otlp_http/up', 'otlp_http/down'],
  });
  const pid = agent.child.pid as number;
  const memory = new MemoryWatch(pid, 100);
  t.after(() => {
    memory.stop();
    agent.child.kill('SIGKILL');
  });

  const port = Number(new URL(agent.origin).port);
  const cpu = await cpuMicros(pid);
  const { child: sender, result: finished } = startSending({
    ...{ port, paths: ['/intercom/test'], secret: SECRET, rate, seconds, connections },
    ...{ bytes: USUAL_BYTES, first: 0 },
  });
  t.after(() => void sender.kill());
  const tenths: number[] = [];
  for (let tenth = 0; tenth < 10; tenth++) {
    await Promise.race([sleep(seconds * 100), finished]);
    tenths.push(await memory.peak());
  }
  const result = await finished;
  const used = (await cpuMicros(pid)) - cpu;

  const { answer, lag, queued, statuses, broken } = result;
  const ms = (value: number) => value.toFixed(1);
  t.diagnostic(`answers: ${JSON.stringify(statuses)}, ${broken} connections broke`);
  t.diagnostic(
    `answer, ms from when it was due: p50 ${ms(answer.p50)}, p99 ${ms(answer.p99)}, p99.9 ${ms(answer.p999)}, at most ${ms(answer.max)}`,
  );
  t.diagnostic(
    `the sender's own lag: p50 ${ms(lag.p50)}, p99 ${ms(lag.p99)}, p99.9 ${ms(lag.p999)}; ${queued} waited for a connection at most; its CPU ${result.cpu.toFixed(1)} s`,
  );
  t.diagnostic(
    `RSS by tenths of the time: ${tenths.map(Math.round).join(' ')} MiB; CPU of the agent ${(used / 1e6).toFixed(1)} s, ${Math.round(used / total)} µs a notification`,
  );
  const { deliveries } = await healthy(
    agent,
    (now) => now.deliveries.some(({ exporter, pending }) => exporter === 'otlp_http/up' && pending === 0),
    60_000,
  );
  assert.deepEqual(statuses, { 200: total }, 'every one is answered 200');
  assert.deepEqual([sink.distinct, sink.records], [total, total], 'every one arrives, once');
  assert.equal(deliveries.find(({ exporter }) => exporter === 'otlp_http/down')?.pending, total);
  const quarter = Math.max(...tenths.slice(1, 3));
  const end = Math.max(...tenths.slice(-1));
  assert.ok(end < quarter + TOLERANCE_MIB, `RSS grew from ${quarter} MiB at a quarter of the time to ${end} MiB`);
  assert.ok(answer.p99 < SLOWEST_MS, `p99 of the answer: ${answer.p99} ms`);
});
