/** What a backlog of many entries costs: an agent that starts over it while its backend refuses, and works it off afterwards. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { USUAL_BYTES } from '../support/notifications.ts';
import { cpuMicros } from '../support/process-cpu.ts';
import { anonymousMemory, MemoryWatch, residentMemory } from '../support/process-memory.ts';
import { startSending } from '../support/sender.ts';
import { agent, dataOf } from './agent.ts';
import type { Figures } from './figures.ts';
import type { Sink } from './sink.ts';
import type { Place } from './subject.ts';

export interface BacklogOptions {
  readonly entries: number;
  /** Of the open loop, and then again of working the backlog off. */
  readonly seconds: number;
  readonly rate: number;
}

/** Numbers of the notifications that come through the door are below it. */
const FIRST = 50_000_000;
const CONNECTIONS = 64;

const start = agent({
  exporter: { start_at: 'beginning', retry_on_failure: { initial_interval: '200ms', max_interval: '500ms' } },
});

/** Memory is the highest, of the time with the backend refusing and of that of working off. */
export async function measureBacklog(place: Place, sink: Sink, options: BacklogOptions): Promise<Figures> {
  const { entries, seconds, rate } = options;
  await fill(dataOf(place.directory), entries);
  await sink.forget(1);
  await sink.refuse(true);
  const began = performance.now();
  const subject = await start(place);
  const ready = performance.now() - began;
  const watches = [residentMemory, anonymousMemory].map((read) => new MemoryWatch(subject.pid, 100, read));
  try {
    const { pid, port, paths, secret } = subject;
    const before = await cpuMicros(pid);
    const load = { port, paths, secret, connections: CONNECTIONS, bytes: USUAL_BYTES, first: 0, seconds, rate };
    const result = await startSending(load).result;
    const micros = (await cpuMicros(pid)) - before;
    await sink.refuse(false);
    const [{ distinct: had = 0 } = {}] = await sink.counts();
    const since = performance.now();
    await Promise.race([sink.reached(entries + result.sent), sleep(seconds * 1000)]);
    const [{ distinct = 0 } = {}] = await sink.counts();
    const [rss, anonymous] = (await Promise.all(watches.map((watch) => watch.peak()))) as [number, number];
    return {
      ...{ ready, rss, anonymous, openCpu: micros / result.sent },
      ...{ openP50: result.answer.p50, openP99: result.answer.p99, openP999: result.answer.p999 },
      catchUp: ((distinct - had) * 1000) / (performance.now() - since),
    };
  } finally {
    await sink.refuse(false);
    for (const watch of watches) watch.stop();
    await subject.stop();
  }
}

async function fill(data: string, entries: number): Promise<void> {
  const child = fork(fileURLToPath(new URL('./fill.process.js', import.meta.url)), [
    data,
    String(entries),
    String(FIRST),
  ]);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`filling a journal ended with ${code}`);
}
