/**
 * A backend that has trouble by name, refuses what it never takes, and knows what became of each notification: for suites that
 * count. Notifications are told apart by the number in their id.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { numberOf } from './numbered.ts';
import { OtlpSink, type SinkAnswer, type SinkRequest } from './otlp-sink.ts';
import { steadyPort } from './steady-port.ts';

/** Trouble that passes, or that a person mends. Each means that nothing was stored, unless it says so. */
export const FAULTS = [
  /** Nothing listens. */
  'down',
  /** Reads, and says nothing. */
  'hang',
  /** The same, having stored everything. */
  'hang, stored',
  /** Breaks the connection while it reads the request. */
  'cut',
  /** Breaks the connection instead of answering. */
  'reset',
  /** Stores everything, then breaks off in the middle of its 200. */
  'cut answer, stored',
  /** Stores, and takes its time to say so. */
  'slow',
  /** 401 or 403. */
  'denied',
  /** 413 for every request of several records. */
  'small',
  /** 429 with Retry-After. */
  'busy',
  /** 503. */
  'unavailable',
  /** 500. */
  'error',
  /** 500, having stored everything. */
  'error, stored',
  /** Stores a part, and says how many it did not. */
  'partial',
  /** 200 with a web page. */
  'html',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultSinkOptions {
  readonly name: string;
  readonly random: () => number;
  /** The notification with this number, byte for byte; undefined when none was ever sent. */
  readonly textOf: (number: number) => string | undefined;
  /**
   * With which status it never takes this one: the answer to a whole request that holds one, whenever it looks at records.
   * Always the same for a number, or no one could tell which fate is right.
   */
  readonly refuses?: (number: number) => 400 | 413 | undefined;
  /** An answer that takes longer than this, in ms, may come when the agent has given up. Default 400. */
  readonly patience?: number;
  readonly note?: (what: string, numbers: readonly number[]) => void;
  /** Each record when it is stored, for latencies. */
  readonly stored?: (number: number) => void;
}

/** How long an answer takes, in ms, when the sink is slow. */
const SLOW_MS = 250;
/** Answers that left shorter before the connections were broken may not have been heard. */
const IN_THE_AIR_MS = 300;
/** With other trouble beside it, being down comes and goes. */
const DOWN_MS = 200;

export class FaultSink {
  readonly name: string;
  readonly port: number;
  /** By number: how often it was stored, and how often counted as rejected in a partial success. */
  readonly stored = new Map<number, number>();
  readonly rejected = new Map<number, number>();
  /** Notifications that were refused alone (400, 413). */
  readonly refusedAlone = new Set<number>();
  /** What should never be: unknown or changed notifications, repeats without a reason. One line each. */
  readonly wrong: string[] = [];
  requests = 0;
  /** Records that came again, stored or rejected. */
  repeats = 0;
  readonly #options: FaultSinkOptions;
  #sink: OtlpSink | undefined;
  #faults: readonly Fault[] = [];
  /** Ends with the present faults: what hangs is broken off. */
  #phase = new AbortController();
  #changing: Promise<void> = Promise.resolve();
  /** Incremented when the agent is started anew: what was under way then is repeated with reason. */
  #life = 0;
  /** In which life the agent has heard that this one was taken. */
  readonly #heard = new Map<number, number>();
  #inTheAir: { at: number; numbers: readonly number[] }[] = [];

  static async open(options: FaultSinkOptions): Promise<FaultSink> {
    const sink = new FaultSink(options, await steadyPort(options.random));
    await sink.#listen();
    return sink;
  }

  private constructor(options: FaultSinkOptions, port: number) {
    this.name = options.name;
    this.port = port;
    this.#options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Distinct notifications that were stored, or counted as rejected in a partial success. */
  get taken(): number {
    let taken = this.stored.size;
    for (const number of this.rejected.keys()) if (!this.stored.has(number)) taken++;
    return taken;
  }

  /** A new process of the agent is about to start. */
  agentStarts(): void {
    this.#life++;
  }

  /** From now on it has these faults, each request one of them at random; none: all is well. Resolves when that is in force. */
  fail(faults: readonly Fault[]): Promise<void> {
    this.#changing = this.#changing.then(() => this.#change(faults));
    return this.#changing;
  }

  async close(): Promise<void> {
    this.#phase.abort();
    await this.#changing;
    await this.#hangUp();
  }

  async #change(faults: readonly Fault[]): Promise<void> {
    this.#phase.abort();
    this.#phase = new AbortController();
    // One for each request that hangs.
    setMaxListeners(0, this.#phase.signal);
    this.#faults = faults.filter((fault) => fault !== 'down');
    const phase = this.#phase.signal;
    if (!faults.includes('down')) await this.#listen();
    else if (faults.length === 1) await this.#hangUp();
    else void this.#comeAndGo(phase);
  }

  async #comeAndGo(phase: AbortSignal): Promise<void> {
    for (let up = false; !phase.aborted; up = !up) {
      this.#changing = this.#changing.then(() => (phase.aborted ? undefined : up ? this.#listen() : this.#hangUp()));
      await sleep(DOWN_MS, undefined, { signal: phase }).catch(() => {});
    }
  }

  async #listen(): Promise<void> {
    while (!this.#sink) {
      this.#sink = await OtlpSink.start({
        port: this.port,
        keep: false,
        answer: (request) => this.#answer(request),
        cutAfter: () => (this.#pick(this.#faults) === 'cut' ? 1 : undefined),
      }).catch(async (error: NodeJS.ErrnoException) => {
        // Someone else's for a moment.
        if (error.code !== 'EADDRINUSE') throw error;
        await sleep(50);
        return undefined;
      });
    }
  }

  async #hangUp(): Promise<void> {
    const since = performance.now() - IN_THE_AIR_MS;
    for (const { at, numbers } of this.#inTheAir)
      if (at > since) for (const number of numbers) this.#heard.delete(number);
    this.#inTheAir = [];
    const sink = this.#sink;
    this.#sink = undefined;
    await sink?.close();
  }

  #pick(faults: readonly Fault[]): Fault | undefined {
    return faults[Math.floor(this.#options.random() * faults.length)];
  }

  async #answer(request: SinkRequest): Promise<SinkAnswer> {
    this.requests++;
    const began = performance.now();
    const sink = this.#sink;
    const fault = this.#pick(this.#faults.filter((other) => other !== 'cut'));
    const numbers = this.#numbersOf(request);
    if (numbers === undefined) return { status: 500 };
    const phase = this.#phase.signal;
    const note = (what: string) => this.#options.note?.(`${this.name}: ${what}`, numbers);
    const unheard = UNHEARD[fault as keyof typeof UNHEARD];
    if (unheard) {
      note(unheard.name);
      return unheard.answer(phase, this.#options.random);
    }
    const refusal = this.#refusal(numbers, fault);
    if (refusal !== undefined) {
      note(`${refusal}`);
      if (numbers.length === 1 && numbers[0] !== undefined) this.refusedAlone.add(numbers[0]);
      return { status: refusal, body: `refused ${numbers.length} records` };
    }
    const rejected = fault === 'partial' ? new Set(numbers.filter(() => this.#options.random() < 0.3)) : NONE;
    const life = this.#life;
    for (const number of numbers) this.#take(number, rejected.has(number) ? this.rejected : this.stored);
    note(rejected.size > 0 ? `stored, but ${[...rejected]}` : `stored${fault ? `, ${fault}` : ''}`);
    switch (fault) {
      case 'hang, stored':
        return hang(phase);
      case 'cut answer, stored':
        return { action: 'reset mid-body', status: 200 };
      case 'error, stored':
        return { status: 500 };
      case 'slow':
        await sleep(SLOW_MS * (0.5 + this.#options.random()), undefined, { signal: phase }).catch(() => {});
    }
    // An answer that took long may come too late to be heard.
    const now = performance.now();
    if (life === this.#life && sink === this.#sink && now - began < (this.#options.patience ?? 400)) {
      for (const number of numbers) this.#heard.set(number, life);
      this.#inTheAir = this.#inTheAir.filter(({ at }) => at > now - IN_THE_AIR_MS);
      this.#inTheAir.push({ at: now, numbers });
    }
    return rejected.size === 0 ? {} : partialSuccess(rejected.size);
  }

  #refusal(numbers: readonly number[], fault: Fault | undefined): number | undefined {
    if (fault === 'small' && numbers.length > 1) return 413;
    for (const number of numbers) {
      const refusal = this.#options.refuses?.(number);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  #take(number: number, where: Map<number, number>): void {
    if (this.stored.has(number) || this.rejected.has(number)) {
      this.repeats++;
      if (this.#heard.get(number) === this.#life)
        this.wrong.push(`${this.name}: ${number} came again, though its first coming was answered with 200`);
    }
    where.set(number, (where.get(number) ?? 0) + 1);
    if (where === this.stored) this.#options.stored?.(number);
  }

  /** undefined, and a line in `wrong`, when the request is not what a sink must get. */
  #numbersOf(request: SinkRequest): number[] | undefined {
    const numbers: number[] = [];
    if (request.records.length === 0) {
      this.wrong.push(`${this.name}: a request of ${request.body.length} bytes without records`);
      return undefined;
    }
    for (const { attributes, body } of request.records) {
      const id = String(attributes['log.record.uid']);
      const number = numberOf(id);
      const text = number === undefined ? undefined : this.#options.textOf(number);
      if (number === undefined || text === undefined) {
        this.wrong.push(`${this.name}: ${JSON.stringify(id)} arrived, and was never sent`);
        return undefined;
      }
      const arrived = JSON.stringify((body as { intercom?: unknown } | null)?.intercom);
      if (arrived !== text) this.wrong.push(`${this.name}: ${id} arrived as ${arrived}, and was sent as ${text}`);
      numbers.push(number);
    }
    return numbers;
  }
}

const NONE: ReadonlySet<number> = new Set();

/** Faults that show before the sink looks at the records. */
const UNHEARD: Partial<
  Record<
    Fault,
    { name: string; answer: (phase: AbortSignal, random: () => number) => SinkAnswer | Promise<SinkAnswer> }
  >
> = {
  hang: { name: 'hangs', answer: hang },
  reset: { name: 'resets', answer: () => ({ action: 'reset' }) },
  denied: { name: '401 or 403', answer: (_, random) => ({ status: random() < 0.5 ? 401 : 403, body: 'no' }) },
  busy: { name: '429', answer: () => ({ status: 429, headers: { 'retry-after': '1' } }) },
  unavailable: { name: '503', answer: () => ({ status: 503 }) },
  error: { name: '500', answer: () => ({ status: 500 }) },
  html: {
    name: '200 with a page',
    answer: () => ({ headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>Sign in</title>' }),
  },
};

/** Says nothing as long as the phase lasts, then breaks off. */
function hang(phase: AbortSignal): Promise<SinkAnswer> {
  return new Promise((resolve) => {
    const end = () => resolve({ action: 'reset' });
    if (phase.aborted) end();
    else phase.addEventListener('abort', end, { once: true });
  });
}

/** ExportLogsServiceResponse { partial_success { rejected_log_records, error_message } }. JSON is understood by all. */
function partialSuccess(rejected: number): SinkAnswer {
  const partial = { rejectedLogRecords: String(rejected), errorMessage: `${rejected} records have no room` };
  return {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ partialSuccess: partial }),
  };
}
