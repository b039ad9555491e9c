import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { healthy, notification, post, startAgent, temporaryDirectory } from '../support/agent-process.ts';
import { OtlpSink } from '../support/otlp-sink.ts';
import { crashArguments } from './arguments.ts';

const { notifications } = crashArguments();
const LOADERS = 64;
/** What the memory of a process may differ between a small and a large backlog. */
const TOLERANCE_MIB = 60;

const padding = 'x'.repeat(1800);

/** Resident memory in MiB. */
async function residentMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

const linux = process.platform === 'linux' ? false : 'skipped: memory is read from /proc';

it(`memory stays flat over ${notifications} notifications with the exporter down, and then all drain`, {
  skip: linux,
}, async (t) => {
  let sink = await OtlpSink.start();
  const { port, url } = sink;
  t.after(() => sink.close());
  await sink.close();
  const directory = await temporaryDirectory(t);
  const agent = await startAgent({
    directory,
    exporters: `  otlp_http:\n    endpoint: ${url}\n    retry_on_failure: { initial_interval: 500ms, max_interval: 1s }\n`,
    use: ['otlp_http'],
  });
  t.after(() => void agent.child.kill('SIGKILL'));
  const pid = agent.child.pid as number;
  const memory: number[] = [];
  const began = performance.now();
  let next = 0;
  const load = async () => {
    while (next < notifications) {
      const number = next++;
      const item = { type: 'conversation', id: String(number), title: padding };
      assert.equal(
        await post(agent.origin, notification(`n${number}`, { data: { type: 'notification_event_data', item } })),
        200,
      );
      if (number % Math.ceil(notifications / 20) === 0) memory.push(await residentMemory(pid));
    }
  };
  await Promise.all(Array.from({ length: LOADERS }, load));
  const seconds = (performance.now() - began) / 1000;
  // The first tenth warms the process up.
  const early = Math.max(...memory.slice(2, 6));
  const late = Math.max(...memory.slice(-4));
  t.diagnostic(
    `${notifications} taken in ${seconds.toFixed(1)} s, ${Math.round(notifications / seconds)}/s; RSS ${early.toFixed(0)} MiB early, ${late.toFixed(0)} MiB late`,
  );
  assert.ok(late < early + TOLERANCE_MIB, `RSS grew from ${early} to ${late} MiB: ${memory.map(Math.round)}`);

  const ids = new Set<string>();
  let records = 0;
  sink = await OtlpSink.start({
    port,
    answer: (request) => {
      for (const { attributes } of request.records) {
        records++;
        ids.add(attributes['log.record.uid'] as string);
      }
      // What it keeps would be most of this process's memory.
      sink.requests.length = 0;
      return {};
    },
  });
  const drained = performance.now();
  await healthy(agent, ({ deliveries }) => deliveries.every(({ pending }) => pending === 0), 180_000);
  const peak = await residentMemory(pid);
  t.diagnostic(`drained in ${((performance.now() - drained) / 1000).toFixed(1)} s, RSS ${peak.toFixed(0)} MiB after`);
  assert.equal(ids.size, notifications);
  assert.equal(records, notifications);
  assert.ok(peak < early + 2 * TOLERANCE_MIB, `RSS ${peak} MiB after draining`);
});
