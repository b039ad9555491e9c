/** One run of the crash suite: the agent, its backends and its sender, and what is true of them at any moment. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  cli,
  type Health,
  health,
  type LaunchedAgent,
  type LedgerLine,
  launchAgent,
  type RunningAgent,
} from '../support/agent-process.ts';
import { imbalance, ledger } from '../support/commands.ts';
import { FaultSink } from '../support/fault-sink.ts';
import { Loader } from '../support/loader.ts';
import { isLarge, numberedNotification } from '../support/numbered.ts';
import { Chronicle } from './chronicle.ts';
import { drawFaults, lastSettings, type Round } from './plan.ts';
import { processors } from './processors.ts';

const POISON_EVERY = 97;
/** Logs of the agent that are kept, for the last rounds. */
const KEPT_LOGS = 10;

/** Each sink never takes some notifications; the third takes no large ones besides. */
function refusal(sink: number, number: number): 400 | 413 | undefined {
  if (number % POISON_EVERY === sink) return 400;
  return sink === 2 && isLarge(number) ? 413 : undefined;
}

export class Trial {
  readonly directory: string;
  readonly data: string;
  readonly chronicle: Chronicle;
  readonly loader: Loader;
  readonly sinks: FaultSink[] = [];
  /** What was found to be wrong, one line each. */
  readonly wrong: string[] = [];
  reads = 0;
  /** Each has draws of its own, so that a seed gives the same plan whatever the timing. */
  readonly #generator: (stream: number) => () => number;
  readonly #random: () => number;
  #agent: LaunchedAgent | undefined;
  readonly #over = new AbortController();
  readonly #said = new Set<string>();

  static async begin(directory: string, generator: (stream: number) => () => number): Promise<Trial> {
    const trial = new Trial(directory, generator);
    const { loader, chronicle } = trial;
    for (const [index, name] of ['alpha', 'beta', 'gamma'].entries()) {
      trial.sinks.push(
        await FaultSink.open({
          name,
          random: generator(10 + index),
          textOf: (number) => (number < loader.sent ? trial.textOf(number) : undefined),
          refuses: (number) => refusal(index, number),
          note: (what, numbers) => chronicle.note(what, numbers),
        }),
      );
    }
    return trial;
  }

  private constructor(directory: string, generator: (stream: number) => () => number) {
    this.directory = directory;
    this.data = join(directory, 'data');
    this.#generator = generator;
    this.#random = generator(1);
    this.chronicle = new Chronicle(join(directory, 'chronicle.log'));
    const epoch = Math.floor(Date.now() / 1000);
    this.textOf = (number) => numberedNotification(number, epoch);
    this.loader = new Loader({
      random: generator(2),
      textOf: this.textOf,
      note: (what, numbers) => this.chronicle.note(what, numbers),
    });
  }

  readonly textOf: (number: number) => string;

  /** A delivery answers for what comes after its birth: so that all answer for the same, they are born first. */
  async bear(): Promise<void> {
    const launched = await this.#launch(-1, lastSettings(this.sinks));
    await launched.ready;
    await this.#end(launched, 'SIGTERM');
  }

  /** Until `recover`, every sink gets other faults every now and then. */
  unleash(): void {
    for (const [index, sink] of this.sinks.entries()) void this.#torment(sink, this.#generator(20 + index));
  }

  async #torment(sink: FaultSink, random: () => number): Promise<void> {
    const signal = this.#over.signal;
    while (!signal.aborted) {
      const faults = drawFaults(random);
      this.chronicle.note(`${sink.name} is ${faults.join(' and ') || 'well'}`);
      await sink.fail(faults);
      await sleep(50 + 600 * random(), undefined, { signal }).catch(() => {});
    }
    await sink.fail([]);
  }

  async recover(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.sinks.map((sink) => sink.fail([])));
  }

  async round(index: number, { settings, load, lengthMs, end, retry }: Round): Promise<void> {
    if (retry === 'before') await this.#retryLetters();
    const began = performance.now();
    const launched = await this.#launch(index, settings);
    if (end === 'killed early') {
      const ready = launched.ready.catch(() => undefined);
      const left = sleep(lengthMs - (performance.now() - began));
      const agent = await Promise.race([ready, left.then(() => undefined)]);
      if (agent) this.loader.start(agent.origin, load);
      await left;
    } else {
      const agent = await launched.ready;
      this.loader.start(agent.origin, load);
      const retried = retry === 'running' ? this.#retryLetters() : undefined;
      await this.#watch(agent, lengthMs);
      await retried;
    }
    this.chronicle.note(end);
    await this.#end(launched, end === 'stopped' ? 'SIGTERM' : 'SIGKILL');
  }

  /**
   * Everything is well: sends new notifications until nothing is pending, or until so long there is no less of it: backlogs
   * of which one in a hundred is refused take their time. Resolves with the agent.
   */
  async settle(patienceMs: number): Promise<RunningAgent> {
    const launched = await this.#launch(-1, lastSettings(this.sinks));
    const agent = await launched.ready;
    let deadline = performance.now() + patienceMs;
    let least = Number.POSITIVE_INFINITY;
    for (;;) {
      // A backend that refuses all that is left is held, until it accepts something.
      if ((await this.loader.sendNew(agent.origin)) !== 200) await sleep(100);
      await this.loader.sendWaiting(agent.origin);
      await sleep(50);
      const { deliveries } = await this.read(agent);
      const left = deliveries.reduce((sum, { pending }) => sum + pending, 0);
      if (left === 0) return agent;
      if (left < least) {
        least = left;
        deadline = performance.now() + patienceMs;
      }
      if (performance.now() > deadline) {
        this.#say(`${patienceMs / 1000} s without faults, and not less pending: ${JSON.stringify(deliveries)}`);
        return agent;
      }
    }
  }

  async #retryLetters(): Promise<void> {
    const { code, stderr } = await cli(['dead-letters', 'retry', '--all', '--data', this.data]);
    this.chronicle.note(`dead-letters retry: exit code ${code}`);
    if (code !== 0) this.#say(`dead-letters retry ended with ${code}: ${stderr}`);
  }

  async #launch(index: number, settings: Round['settings']): Promise<LaunchedAgent> {
    this.chronicle.round = index;
    for (const sink of this.sinks) sink.agentStarts();
    this.#agent = await launchAgent({ ...settings, ...(processors && { processors }), directory: this.directory });
    return this.#agent;
  }

  async #watch(agent: RunningAgent, lengthMs: number): Promise<void> {
    const until = performance.now() + lengthMs;
    const asked = this.#random() < 0.1 ? this.#compareLedger() : undefined;
    while (performance.now() < until) {
      await this.read(agent);
      await sleep(Math.min(150, Math.max(0, until - performance.now())));
    }
    await asked;
  }

  async #compareLedger(): Promise<void> {
    for (const line of await ledger(this.data)) this.#check(line, 0);
  }

  /** Reads the ledger of a running agent, and holds it against what the loader and the sinks know. */
  async read(agent: RunningAgent): Promise<Health> {
    const { acknowledged } = this.loader;
    const now = await health(agent);
    this.reads++;
    for (const line of now.deliveries) this.#check(line, acknowledged);
    return now;
  }

  #check(line: LedgerLine, acknowledged: number): void {
    const { exporter, accepted, delivered, rejected_by_backend: rejected, dead_lettered: dead, lost } = line;
    const sink = this.sinks.find(({ name }) => exporter === `otlp_http/${name}`) as FaultSink;
    const say = (text: string) => this.#say(`${exporter}: ${text}`);
    const wrong = imbalance(line);
    if (wrong) say(wrong);
    if (accepted < acknowledged) say(`${accepted} accepted, but ${acknowledged} were answered 200`);
    if (accepted > this.loader.sent) say(`${accepted} accepted, but only ${this.loader.sent} were sent`);
    const { taken } = sink;
    if (delivered + rejected > taken) say(`${delivered} delivered and ${rejected} rejected, but it took ${taken}`);
    if (dead > sink.refusedAlone.size) say(`${dead} dead letters, but it refused ${sink.refusedAlone.size}`);
    if (lost > 0 || (line.expired ?? 0) > 0) say(`${lost} lost, ${line.expired} expired`);
    if (line.state !== 'running' && line.state !== 'stopped' && !line.reason) say(`${line.state} without a reason`);
  }

  /** What is wrong stays so: once is enough. */
  #say(text: string): void {
    const kind = text.replaceAll(/\d+/g, '');
    if (this.#said.has(kind)) return;
    this.#said.add(kind);
    this.wrong.push(`round ${this.chronicle.round}: ${text}`);
  }

  async #end({ child, ended, kill, log }: LaunchedAgent, signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) {
      this.#say(`the agent ended by itself: ${(await ended).stderr.slice(-2000)}`);
    }
    const killed = kill(signal);
    // Some requests meet a door that is about to close.
    if (signal === 'SIGTERM') await sleep(30);
    await this.loader.stop();
    const { code } = await killed;
    if (signal === 'SIGTERM' && code !== 0) this.#say(`exit code ${code}`);
    await writeFile(join(this.directory, `agent-${Math.max(0, this.chronicle.round) % KEPT_LOGS}.log`), log());
    const bug = log()
      .split('\n')
      .find((line) => line.includes('BUG'));
    if (bug) this.#say(bug);
  }

  /** What the agent wrote last, when it did not go on as it should. */
  lastWords(): string {
    return this.#agent?.log().slice(-3000) ?? '';
  }

  async end(agent: RunningAgent): Promise<void> {
    await this.#end({ ...agent, ready: Promise.resolve(agent) }, 'SIGTERM');
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    await this.#agent?.kill('SIGKILL');
    await this.loader.stop();
    this.#over.abort();
    await Promise.all(this.sinks.map((sink) => sink.close()));
    await this.chronicle.close();
  }
}
