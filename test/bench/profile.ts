/**
 * Where the agent's CPU goes with one exporter: --cpu-prof of its main thread, the self time of every function put into groups,
 * and beside it the time of each thread as the system counts it, for the profile sees JavaScript alone.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { USUAL_BYTES } from '../support/notifications.ts';
import { type ThreadTime, threadMicros } from '../support/process-cpu.ts';
import { startSending } from '../support/sender.ts';
import { type AgentSetup, agent } from './agent.ts';
import { Sink } from './sink.ts';

export interface Share {
  readonly name: string;
  /** µs for each event. */
  readonly micros: number;
}

export interface Profile {
  readonly events: number;
  readonly groups: readonly Share[];
  /** The largest, with their places. */
  readonly functions: readonly Share[];
  readonly threads: readonly Share[];
}

interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
  /** In µs of the monotonic clock. */
  readonly startTime: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

const WARM_UP_SECONDS = 3;

/** The first that fits counts. What fits none takes the group of its caller: built-in functions work for somebody. */
const GROUPS: readonly (readonly [group: string, fits: (name: string, url: string) => boolean])[] = [
  ['idle', (name) => name === '(idle)'],
  ['garbage collection', (name) => name === '(garbage collector)'],
  ['native code and system calls', (name) => name === '(program)'],
  ['HMAC', (name, url) => /^node:internal\/crypto/.test(url) || /signature/i.test(url) || /hmac/i.test(name)],
  ['gzip', (_, url) => /^node:zlib|net\/compression/.test(url)],
  ['decode, JSON parse', (_, url) => /record\/(exact-)?json\.js|intercom\/decode\.js|record\/log-record/.test(url)],
  ['attributes, severity', (_, url) => /intercom\/(attributes|convention|severity)/.test(url)],
  ['OTLP encoding', (_, url) => /record\/otlp\/|exporters\/otlp-encoding/.test(url)],
  ['processors', (_, url) => /dist\/(processors|ottl|regex)\//.test(url)],
  ['HTTP client', (_, url) => /dist\/net\/(client|proxy)|node:_http_(client|agent)|dist\/exporters\//.test(url)],
  ['delivery', (_, url) => /dist\/(delivery|agent)\//.test(url)],
  ['journal', (_, url) => /dist\/journal\/|^node:(internal\/)?fs/.test(url)],
  ['door: Fastify', (_, url) => /node_modules\/(fastify|find-my-way|avvio|light-my-request|@fastify)/.test(url)],
  ['door: ours', (_, url) => /dist\/(net|receivers)\//.test(url)],
  [
    'HTTP of Node.js',
    (_, url) => /^node:(_http|internal\/(http|streams|stream_base)|net|stream|events|_stream)/.test(url),
  ],
  ['timers, promises, turns', (_, url) => /^node:(internal\/(timers|process|async_hooks|promise)|timers)/.test(url)],
  ['telemetry', (_, url) => /dist\/(telemetry|control)\//.test(url)],
];

export async function profileAgent(options: {
  readonly seconds: number;
  readonly setup?: AgentSetup;
  /** In a second; absent: a closed loop. */
  readonly rate?: number;
  /** Where the profile itself is left, for a browser's tools. */
  readonly file?: string;
}): Promise<Profile> {
  const base = await mkdtemp(join(tmpdir(), 'intercom-otel-agent-bench-'));
  const sink = await Sink.start();
  try {
    await mkdir(join(base, 'work'));
    const nodeArgs = ['--heap-growing-percent=80', '--cpu-prof', '--cpu-prof-dir', join(base, 'profile')];
    const start = agent({ ...options.setup, nodeArgs, unbundled: true });
    const subject = await start({ directory: join(base, 'work'), sinkUrl: sink.url });
    const { pid, port, paths, secret } = subject;
    await sink.forget(options.setup?.exporters ?? 1);
    const run = async (first: number, seconds: number) => {
      const load = { port, paths, secret, connections: 64, bytes: USUAL_BYTES, first, seconds };
      const { sent } = await startSending(options.rate === undefined ? load : { ...load, rate: options.rate }).result;
      await sink.reached(first + sent);
      return sent;
    };
    const warmed = await run(0, WARM_UP_SECONDS);
    const before = await threadMicros(pid);
    const from = monotonicMicros();
    const events = await run(warmed, options.seconds);
    const to = monotonicMicros();
    const spent = spentBy(before, await threadMicros(pid));
    await subject.stop();
    const profiles = await Promise.all(
      (await readdir(join(base, 'profile'))).map(async (file) => {
        const text = await readFile(join(base, 'profile', file), 'utf8');
        return { text, profile: cut(JSON.parse(text) as CpuProfile, from, to) };
      }),
    );
    const main = profiles.sort((a, b) => b.text.length - a.text.length)[0];
    if (!main) throw new Error('the agent wrote no profile');
    if (options.file !== undefined) await writeFile(options.file, main.text);
    // Samples tell of time that passed, also of that in which others had the processor.
    const cpu = (spent.find(({ thread }) => thread === pid)?.micros ?? 0) / events;
    return {
      events,
      threads: spent.map(({ thread, name, micros }) => ({ name: `${name} ${thread}`, micros: micros / events })),
      ...sharesOf(main.profile, cpu),
    };
  } finally {
    sink.stop();
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Node.js and its profiler count by the same clock, in every process. */
function monotonicMicros(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** What was sampled between two moments. */
function cut({ nodes, samples, timeDeltas, startTime }: CpuProfile, from: number, to: number): CpuProfile {
  let at = startTime;
  const inside = timeDeltas.map((delta) => {
    at += delta;
    return at >= from && at < to;
  });
  const kept = <T>(values: readonly T[]) => values.filter((_, index) => inside[index]);
  return { nodes, startTime, samples: kept(samples), timeDeltas: kept(timeDeltas) };
}

function spentBy(before: readonly ThreadTime[], after: readonly ThreadTime[]): ThreadTime[] {
  return after
    .map(({ thread, name, micros }) => {
      const earlier = before.find((known) => known.thread === thread)?.micros ?? 0;
      return { thread, name, micros: micros - earlier };
    })
    .filter(({ micros }) => micros > 0)
    .sort(bySize);
}

/** Self times: every sample counts for the function on top. @param cpu what all but idling makes together */
function sharesOf(profile: CpuProfile, cpu: number): { groups: Share[]; functions: Share[] } {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const groups = new Map<string, number>();
  const functions = new Map<string, number>();
  const add = (sums: Map<string, number>, name: string, micros: number) =>
    sums.set(name, (sums.get(name) ?? 0) + micros);
  const groupOf = (id: number): string => {
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const { functionName, url } = (nodes.get(at) as ProfileNode).callFrame;
      const found = GROUPS.find(([, fits]) => fits(functionName, url));
      if (found) return found[0];
    }
    return 'other';
  };
  let busy = 0;
  for (const [index, id] of profile.samples.entries()) {
    const micros = profile.timeDeltas[index] ?? 0;
    const { functionName, url, lineNumber } = (nodes.get(id) as ProfileNode).callFrame;
    const group = groupOf(id);
    if (group === 'idle') continue;
    busy += micros;
    add(groups, group, micros);
    add(functions, `${functionName || '(anonymous)'} ${shortened(url)}:${lineNumber + 1}`, micros);
  }
  const sorted = (sums: Map<string, number>) =>
    [...sums].map(([name, micros]) => ({ name, micros: (micros * cpu) / busy })).sort(bySize);
  return { groups: sorted(groups), functions: sorted(functions).slice(0, 50) };
}

function shortened(url: string): string {
  return url.replace(/^.*\/(dist|node_modules)\//, '$1/');
}

function bySize(a: { micros: number }, b: { micros: number }): number {
  return b.micros - a.micros;
}
