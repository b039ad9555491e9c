import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../../clock.ts';
import type { MadeElsewhere } from '../../delivery/offload.ts';
import type { Entry } from '../../journal/journal.ts';
import type { OtlpEncodingName } from '../../record/otlp/encoders.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Blueprint } from './blueprint.ts';
import { packEntries } from './entries.ts';
import type { FromThread, Job, ThreadData, ToThread } from './protocol.ts';
import { RecordUnpacker } from './records.ts';

/** No work of a group takes so long. */
const LIMIT_MS = 20_000;
/** A thread that is stopped ends by itself within so long. */
const GRACE_MS = 5000;

export interface ThreadOptions {
  readonly blueprint: Blueprint;
  readonly clock: Clock;
  /** Also gets what processors log. */
  readonly log: Log;
  /** It is of no use any more: it failed, or took too long. Called at most once, and not after `stop`. */
  onLost(error: Error): void;
}

interface Waiting {
  readonly encoding: OtlpEncodingName;
  readonly resolve: (made: readonly MadeElsewhere[]) => void;
}

/** A thread that does the work of pipelines: from entries to encoded records. What it was given when it dies comes back undone. */
export class OffloadThread {
  readonly #options: ThreadOptions;
  readonly #worker: Worker;
  readonly #gone: Promise<void>;
  readonly #unpacker = new RecordUnpacker();
  readonly #waiting = new Map<number, Waiting>();
  /** Of the group that it works at. */
  #limit: Timer | undefined;
  #isReady = false;
  #isOver = false;
  #jobs = 0;

  constructor(options: ThreadOptions) {
    this.#options = options;
    const workerData: ThreadData = { blueprint: options.blueprint };
    this.#worker = new Worker(new URL('./offload-thread.js', import.meta.url), {
      workerData,
      // What it makes lives for a moment: more room for the young would only be memory.
      resourceLimits: { maxYoungGenerationSizeMb: 6, maxOldGenerationSizeMb: 512 },
      // Flags such as --cpu-prof are meant for the agent.
      execArgv: [],
    });
    this.#worker.on('message', (message: FromThread) => this.#take(message));
    this.#worker.on('messageerror', (error) => this.#lose(error));
    this.#worker.on('error', (error) => this.#lose(error));
    this.#gone = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#lose(new Error(`it ended with code ${code}`));
        resolve();
      });
    });
  }

  /** It has loaded what it needs: work may be given. */
  get isReady(): boolean {
    return this.#isReady && !this.#isOver;
  }

  /** Resolves with what it made of each; never rejects. */
  make(pipeline: string, encoding: OtlpEncodingName, entries: readonly Entry[]): Promise<readonly MadeElsewhere[]> {
    if (!this.isReady) return Promise.resolve([]);
    const job: Job = { kind: 'job', number: ++this.#jobs, pipeline, encoding, entries: packEntries(entries) };
    return new Promise((resolve) => {
      this.#waiting.set(job.number, { encoding, resolve });
      if (this.#waiting.size === 1) this.#begin();
      this.#send(job, [job.entries.bodies.buffer]);
    });
  }

  /** What it was given comes back undone, at once. Resolves when the thread is gone. */
  async stop(): Promise<void> {
    this.#giveBack();
    // Terminated while it reads its modules, it would leave their files open in the process.
    this.#send({ kind: 'end' });
    const timer = this.#options.clock.schedule(GRACE_MS, () => void this.#worker.terminate());
    await this.#gone;
    timer.cancel();
  }

  #take(message: FromThread): void {
    if (this.#isOver) return;
    switch (message.kind) {
      case 'ready':
        this.#isReady = true;
        this.#options.log.debug('Processing has a thread of its own.');
        break;
      case 'log':
        this.#options.log[message.level](message.message, message.fields);
        break;
      case 'done': {
        const waiting = this.#waiting.get(message.number);
        // Packets are unpacked in their order, whether somebody waits for them or not.
        const made = this.#unpacker.unpack(message.records, waiting?.encoding ?? 'proto');
        this.#waiting.delete(message.number);
        this.#begin();
        waiting?.resolve(made);
      }
    }
  }

  /** It begins with a group, if one waits. */
  #begin(): void {
    this.#limit?.cancel();
    if (this.#waiting.size === 0) return;
    this.#limit = this.#options.clock.schedule(LIMIT_MS, () =>
      this.#lose(new Error(`it did not do its work within ${LIMIT_MS / 1000} s`)),
    );
  }

  #send(message: ToThread, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #giveBack(): void {
    this.#isOver = true;
    this.#limit?.cancel();
    for (const { resolve } of this.#waiting.values()) resolve([]);
    this.#waiting.clear();
  }

  #lose(error: Error): void {
    if (this.#isOver) return;
    this.#giveBack();
    void this.#worker.terminate();
    this.#options.onLost(error);
  }
}
