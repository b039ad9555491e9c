import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { healthy, type RunningAgent, startAgent } from '../support/agent-process.ts';
import { FaultSink } from '../support/fault-sink.ts';
import { Loader } from '../support/loader.ts';
import { numberedNotification } from '../support/numbered.ts';
import { crashArguments, seeded } from './arguments.ts';
import { isFiltered, processors } from './processors.ts';
import { compareSinks, gather, judge } from './verdict.ts';

const { seed, full } = crashArguments();
const LOAD = { connections: 8, rate: 200 };
/** After space has returned, within so many seconds the door takes notifications again. */
const RECOVERY_S = 10;
const NO_MOUNT = 'skipped: this machine does not let us mount a small volume';

it(`a volume that is full for ${full} s under load: 429, deliveries and dead letters go on, and nothing answered 200 is missing (--seed ${seed})`, async (t) => {
  const scene = await Scene.begin(t);
  const data = join(scene.directory, 'data');
  if (!(await scene.mount(data, '64m'))) return t.skip(NO_MOUNT);

  const agent = await scene.start('    segment_bytes: 1MiB\n    retention: { max_age: 1s }\n');
  const [, late] = scene.sinks;
  await late.fail(['down']);
  scene.loader.start(agent.origin, LOAD);
  await scene.until('some are taken', () => scene.loader.acknowledged > 300);
  const ballast = scene.fill(join(data, 'ballast'));
  await scene.until('429', () => scene.answered(429) > 0);
  const before = scene.answered(429);
  await sleep((full * 1000) / 2);
  // What waited is delivered, and what the backend refuses becomes dead letters, while nothing can be written elsewhere.
  await late.fail([]);
  await sleep((full * 1000) / 2);
  const while429 = scene.answered(429) - before;
  const pending = (await healthy(agent, () => true)).deliveries.map((line) => line.pending);
  await ballast.remove();
  await scene.servesAgain(agent);
  await scene.loader.stop();
  t.diagnostic(`${while429} times 429 while full; pending at the end of it: ${pending.join(', ')}`);
  await scene.verdict(agent, data);
});

it(`a journal at max_bytes because one backend is down: 429, the other gets everything, and it recovers when the backend does (--seed ${seed})`, async (t) => {
  const scene = await Scene.begin(t);
  const data = join(scene.directory, 'data');
  const agent = await scene.start('    segment_bytes: 256KiB\n    max_bytes: 2MiB\n    retention: { max_age: 24h }\n');
  const [well, late] = scene.sinks;
  await late.fail(['down']);
  scene.loader.start(agent.origin, LOAD);
  await scene.until('429', () => scene.answered(429) > 0);
  await sleep(full * 1000);
  const reached = scene.loader.acknowledged;
  const due = scene.due;
  await scene.until('the other one has everything', () => well.taken + well.refusedAlone.size >= due);
  const { deliveries, degraded } = await healthy(agent, () => true);
  assert.equal(degraded, true, 'health says that a person should look');
  assert.equal(deliveries.find(({ exporter }) => exporter === 'otlp_http/late')?.state, 'retrying');
  await late.fail([]);
  await scene.servesAgain(agent);
  await scene.loader.stop();
  t.diagnostic(`${reached} notifications until it was full, ${scene.answered(429)} times 429`);
  await scene.verdict(agent, data);
});

it(`an agent that starts on a full volume answers 429 until there is room (--seed ${seed})`, async (t) => {
  const scene = await Scene.begin(t);
  const data = join(scene.directory, 'data');
  if (!(await scene.mount(data, '32m'))) return t.skip(NO_MOUNT);
  const storage = '    segment_bytes: 1MiB\n    retention: { max_age: 1s }\n';
  const first = await scene.start(storage);
  const [, late] = scene.sinks;
  await late.fail(['down']);
  scene.loader.start(first.origin, LOAD);
  await scene.until('some are taken', () => scene.loader.acknowledged > 300);
  const ballast = scene.fill(join(data, 'ballast'));
  await scene.until('429', () => scene.answered(429) > 0);
  await first.kill('SIGKILL');
  await scene.loader.stop();
  const agent = await scene.start(storage);
  const before = scene.answered(429);
  scene.loader.start(agent.origin, LOAD);
  await scene.until('429 again', () => scene.answered(429) > before);
  await late.fail([]);
  await sleep(1000);
  await ballast.remove();
  await scene.servesAgain(agent);
  await scene.loader.stop();
  await scene.verdict(agent, data);
});

/** Two backends, a sender, and an agent between them. */
class Scene {
  readonly directory: string;
  readonly loader: Loader;
  readonly sinks: [well: FaultSink, late: FaultSink];
  readonly #t: TestContext;
  #agents: RunningAgent[] = [];
  #mounted: string | undefined;
  #ballast: Ballast | undefined;

  static async begin(t: TestContext): Promise<Scene> {
    const directory = await mkdtemp(join(tmpdir(), 'intercom-otel-agent-full-'));
    const random = seeded(seed);
    const epoch = Math.floor(Date.now() / 1000);
    const textOf = (number: number) => numberedNotification(number, epoch);
    const loader = new Loader({ random, textOf });
    const open = (name: string) =>
      FaultSink.open({
        name,
        random,
        textOf: (number) => (number < loader.sent ? textOf(number) : undefined),
        refuses: (number) => (number % 200 === 7 ? 400 : undefined),
      });
    return new Scene(t, directory, loader, [await open('well'), await open('late')]);
  }

  private constructor(t: TestContext, directory: string, loader: Loader, sinks: [FaultSink, FaultSink]) {
    this.#t = t;
    this.directory = directory;
    this.loader = loader;
    this.sinks = sinks;
    t.after(async () => {
      await this.#ballast?.remove();
      await loader.stop();
      for (const agent of this.#agents) await agent.kill('SIGKILL');
      for (const sink of sinks) await sink.close();
      if (this.#mounted !== undefined) spawnSync('umount', ['-l', this.#mounted]);
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    });
  }

  /** A volume of its own, as long as the test lasts; false where that is not allowed. */
  async mount(path: string, size: string): Promise<boolean> {
    await mkdir(path);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', path]).status !== 0) return false;
    this.#mounted = path;
    return true;
  }

  /** Takes all space of a volume. */
  fill(path: string): Ballast {
    this.#ballast = new Ballast(path);
    return this.#ballast;
  }

  async start(storage: string): Promise<RunningAgent> {
    for (const sink of this.sinks) sink.agentStarts();
    const agent = await startAgent({
      directory: this.directory,
      exporters: this.sinks
        .map(
          ({ name, url }) => `  otlp_http/${name}:
    endpoint: ${url}
    sending_queue: { batch: { flush_timeout: 20ms } }
    retry_on_failure: { initial_interval: 30ms, max_interval: 200ms, probe_interval: 200ms }
`,
        )
        .join(''),
      use: this.sinks.map(({ name }) => `otlp_http/${name}`),
      ...(processors && { processors }),
      storage,
    });
    this.#agents.push(agent);
    return agent;
  }

  /** Notifications that were answered 200 and that no processor withholds. */
  get due(): number {
    const numbers = Array.from({ length: this.loader.sent }, (_, number) => number);
    return numbers.filter((number) => this.loader.isAcknowledged(number) && !isFiltered(number)).length;
  }

  answered(status: number): number {
    return this.loader.answers.get(status) ?? 0;
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    const deadline = performance.now() + 30_000;
    while (!condition()) {
      if (performance.now() > deadline)
        assert.fail(`${what}: not within 30 s; ${this.#agents.at(-1)?.log().slice(-3000)}`);
      await sleep(10);
    }
  }

  /** The load goes on: it is answered 200 again, and nothing else once the deliveries have caught up. */
  async servesAgain(agent: RunningAgent): Promise<void> {
    const began = performance.now();
    const { acknowledged } = this.loader;
    await this.until('200 again', () => this.loader.acknowledged > acknowledged + LOAD.rate / 2);
    const seconds = (performance.now() - began) / 1000;
    assert.ok(seconds < RECOVERY_S, `service came back after ${seconds} s`);
    await healthy(agent, ({ deliveries }) => deliveries.every(({ pending }) => pending < LOAD.rate));
    const refused = this.answered(429);
    await sleep(1000);
    assert.equal(this.answered(429), refused, 'once all have caught up, nothing is refused any more');
  }

  async verdict(agent: RunningAgent, data: string): Promise<void> {
    const { loader, sinks } = this;
    await loader.sendWaiting(agent.origin);
    await healthy(agent, ({ deliveries }) => deliveries.every(({ pending }) => pending === 0), 30_000);
    const evidence = await gather({ data, sinks, loader });
    const findings = [...evidence.flatMap(judge), ...compareSinks(evidence)];
    assert.deepEqual([...findings.map(({ text }) => text), ...loader.wrong], []);
    const { acknowledged, sent } = loader;
    this.#t.diagnostic(
      `${sent} sent, ${acknowledged} answered 200, ${evidence.map(({ sink, letters }) => `${sink.taken} and ${letters.length} dead letters at ${sink.name}`).join(', ')}`,
    );
  }
}

/** A file that takes whatever space there is, and what becomes free. */
class Ballast {
  readonly #path: string;
  #removed = false;
  readonly #filling: Promise<void>;

  constructor(path: string) {
    this.#path = path;
    this.#filling = this.#fill();
  }

  async #fill(): Promise<void> {
    const file = await open(this.#path, 'w');
    try {
      for (let size = 1024 * 1024; !this.#removed; ) {
        const written = await file.write(Buffer.alloc(size)).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOSPC') throw error;
          return undefined;
        });
        if (written) continue;
        if (size > 4096) size = 4096;
        else await sleep(5);
      }
    } finally {
      await file.close();
    }
  }

  /** Idempotent. */
  async remove(): Promise<void> {
    this.#removed = true;
    await this.#filling;
    await rm(this.#path, { force: true });
  }
}
