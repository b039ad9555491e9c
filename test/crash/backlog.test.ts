import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import {
  healthy,
  notification,
  post,
  type RunningAgent,
  startAgent,
  temporaryDirectory,
} from '../support/agent-process.ts';
import { OtlpSink } from '../support/otlp-sink.ts';
import { MemoryWatch, memoryMissing } from '../support/process-memory.ts';
import { crashArguments } from './arguments.ts';

const { notifications } = crashArguments();
/** The same traffic is divided into so many backlogs, one after the other, for comparison. */
const PARTS = 10;
const SIZE = Math.ceil(notifications / PARTS);
const LOADERS = 64;
/**
 * What two processes with the same traffic may differ in by chance: garbage waits for its collector (the runtime lets 64 MiB
 * of buffers gather before it looks), freed memory for its reuse. Differences of up to 35 MiB were seen, in both directions.
 * Keeping the bodies alone would add 200 MiB to a backlog of 100,000.
 */
const TOLERANCE_MIB = 60;

const padding = 'x'.repeat(1800);

/** Highest resident memory in MiB while each part was taken, and while a backlog was sent. */
interface Figures {
  readonly taking: number[];
  readonly sending: number[];
  /** Per second. */
  readonly takenRate: number;
  readonly sentRate: number;
}

/** Takes the parts with the backend down, and sends them all at the end, or each one before the next. */
async function measure(t: TestContext, { drain }: { drain: 'at the end' | 'each' }): Promise<Figures> {
  const first = await OtlpSink.start();
  const { port, url } = first;
  await first.close();
  const directory = await temporaryDirectory(t);
  const agent = await startAgent({
    directory,
    exporters: `  otlp_http:\n    endpoint: ${url}\n    retry_on_failure: { initial_interval: 200ms, max_interval: 500ms }\n`,
    use: ['otlp_http'],
  });
  const memory = new MemoryWatch(agent.child.pid as number);
  t.after(() => {
    memory.stop();
    agent.child.kill('SIGKILL');
  });
  const arrived = { records: 0, ids: new Set<string>() };
  const taking: number[] = [];
  const sending: number[] = [];
  let takingMs = 0;
  let sendingMs = 0;
  for (let part = 1; part <= PARTS; part++) {
    const began = performance.now();
    await load(agent, (part - 1) * SIZE, part * SIZE);
    taking.push(await memory.peak());
    const full = performance.now();
    takingMs += full - began;
    if (drain === 'at the end' && part < PARTS) continue;
    const sink = await OtlpSink.start({
      port,
      keep: false,
      answer: (request) => {
        arrived.records += request.records.length;
        for (const { attributes } of request.records) arrived.ids.add(attributes['log.record.uid'] as string);
        return {};
      },
    });
    await healthy(agent, ({ deliveries }) => deliveries.every(({ pending }) => pending === 0), 180_000);
    sendingMs += performance.now() - full;
    sending.push(await memory.peak());
    await sink.close();
  }
  memory.stop();
  await agent.kill('SIGTERM');
  assert.equal(arrived.ids.size, PARTS * SIZE, 'every notification has arrived');
  assert.equal(arrived.records, PARTS * SIZE, 'and none twice');
  const rate = (ms: number) => Math.round((PARTS * SIZE) / (ms / 1000));
  return { taking, sending, takenRate: rate(takingMs), sentRate: rate(sendingMs) };
}

async function load(agent: RunningAgent, from: number, to: number): Promise<void> {
  let next = from;
  const one = async () => {
    while (next < to) {
      const number = next++;
      const item = { type: 'conversation', id: String(number), title: padding };
      const more = { data: { type: 'notification_event_data', item } };
      assert.equal(await post(agent.origin, notification(`n${number}`, more)), 200);
    }
  };
  await Promise.all(Array.from({ length: LOADERS }, one));
}

it(`memory does not depend on the backlog: ${PARTS * SIZE} notifications at once and in ${PARTS} parts`, {
  skip: memoryMissing,
}, async (t) => {
  const small = await measure(t, { drain: 'each' });
  const large = await measure(t, { drain: 'at the end' });
  const list = (figures: number[]) => figures.map(Math.round).join(' ');
  for (const [size, { taking, sending, takenRate, sentRate }] of [
    [SIZE, small],
    [PARTS * SIZE, large],
  ] as const) {
    t.diagnostic(
      `backlogs of ${size}: RSS ${list(taking)} MiB taking, ${list(sending)} MiB sending; ${takenRate}/s taken, ${sentRate}/s sent`,
    );
  }
  // The first parts warm the process up.
  const early = Math.max(...large.taking.slice(1, 3));
  const late = Math.max(...large.taking.slice(-2));
  assert.ok(late < early + TOLERANCE_MIB, `memory grew from ${early} to ${late} MiB with the backlog`);
  const one = Math.max(...large.sending);
  const many = Math.max(...small.taking, ...small.sending);
  assert.ok(one < many + TOLERANCE_MIB, `${one} MiB to send one large backlog, ${many} MiB for the same in parts`);
});
