/**
 * Intercom as the agent sees it: several connections, right signatures, a notification sent again only where Intercom would (429:
 * later; no answer or 503: once more), now and then a duplicate. It knows which numbers were answered 200.
 */
import { once } from 'node:events';
import { Agent as HttpAgent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { sign } from './agent-process.ts';

export interface LoaderOptions {
  readonly random: () => number;
  readonly textOf: (number: number) => string;
  readonly note?: (what: string, numbers: readonly number[]) => void;
  /** Each number when its 200 came. */
  readonly acknowledged?: (number: number) => void;
}

export interface Load {
  readonly connections: number;
  /** Notifications due in a second. */
  readonly rate: number;
}

/** No answer for so long, in ms, is wrong: the door promises one within 5 s. */
const PATIENCE_MS = 10_000;
const DUPLICATES = 0.02;
/** After a 429, milliseconds. Intercom waits for minutes. */
const RETRY_MS = 200;
/** Of what got no answer so many are sent once more. */
const PERSISTENCE = 0.5;

interface Waiting {
  readonly number: number;
  readonly notBefore: number;
}

export class Loader {
  /** Numbers below it were sent at least once. */
  sent = 0;
  /** Distinct numbers that were answered 200. */
  acknowledged = 0;
  /** Answers of each status; 0: the connection broke. */
  readonly answers = new Map<number, number>();
  /** Answers that should never be. One line each. */
  readonly wrong: string[] = [];
  readonly #options: LoaderOptions;
  readonly #acknowledged: boolean[] = [];
  /** To be sent again, in this life of the agent or in a later one. */
  #waiting: Waiting[] = [];
  readonly #secondChances = new Set<number>();
  #stopped = true;
  #running: Promise<unknown> = Promise.resolve();
  #sockets: HttpAgent | undefined;

  constructor(options: LoaderOptions) {
    this.#options = options;
  }

  /** What is, or was, sent under this number. */
  textOf(number: number): string {
    return this.#options.textOf(number);
  }

  isAcknowledged(number: number): boolean {
    return this.#acknowledged[number] === true;
  }

  /** Begins to send to the door of this agent. */
  start(origin: string, { connections, rate }: Load): void {
    this.#stopped = false;
    const sockets = new HttpAgent({ keepAlive: true, maxSockets: connections });
    this.#sockets = sockets;
    const began = performance.now();
    let due = 0;
    const connection = async () => {
      while (!this.#stopped) {
        const wait = began + (due++ * 1000) / rate - performance.now();
        if (wait > 1) await sleep(wait);
        if (this.#stopped) return;
        await this.#sendOne(origin, sockets);
      }
    };
    this.#running = Promise.all(Array.from({ length: connections }, connection));
  }

  /** Resolves when every request under way has got its answer, or broken. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    this.#sockets?.destroy();
  }

  /** Sends what waits to be sent again, until it is answered 200. Resolves when nothing waits. */
  async sendWaiting(origin: string): Promise<void> {
    const sockets = new HttpAgent({ keepAlive: true, maxSockets: 8 });
    const end = performance.now() + 60_000;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if (performance.now() > end) {
        this.wrong.push(`${next.number} is refused for a minute, though all is well`);
        break;
      }
      await this.#send(origin, sockets, next.number);
    }
    sockets.destroy();
  }

  /** One new notification. Resolves with the status of its answer. */
  async sendNew(origin: string): Promise<number> {
    const sockets = new HttpAgent();
    return this.#send(origin, sockets, this.sent++).finally(() => sockets.destroy());
  }

  async #sendOne(origin: string, sockets: HttpAgent): Promise<void> {
    const now = performance.now();
    const again = this.#waiting.findIndex(({ notBefore }) => notBefore <= now);
    if (again >= 0) {
      const [{ number }] = this.#waiting.splice(again, 1) as [Waiting];
      await this.#send(origin, sockets, number);
      return;
    }
    const older = Math.floor(this.sent - 1 - this.#options.random() * 2000);
    if (this.#options.random() < DUPLICATES && this.isAcknowledged(older))
      await this.#duplicate(origin, sockets, older);
    else await this.#send(origin, sockets, this.sent++);
  }

  /** What is stored is always answered 200, also while the journal is full. */
  async #duplicate(origin: string, sockets: HttpAgent, number: number): Promise<void> {
    const status = await this.#post(origin, sockets, number);
    if (![200, 503, 0].includes(status)) this.wrong.push(`${number}, a duplicate of something stored: ${status}`);
  }

  async #send(origin: string, sockets: HttpAgent, number: number): Promise<number> {
    this.#options.note?.('sent', [number]);
    const status = await this.#post(origin, sockets, number);
    this.#options.note?.(`answered ${status}`, [number]);
    switch (status) {
      case 200:
        if (this.#acknowledged[number]) break;
        this.#acknowledged[number] = true;
        this.acknowledged++;
        this.#options.acknowledged?.(number);
        break;
      case 429:
        this.#waiting.push({ number, notBefore: performance.now() + RETRY_MS * (0.5 + this.#options.random()) });
        break;
      case 503:
      case 0:
        if (this.#secondChances.has(number) || this.#options.random() > PERSISTENCE) break;
        this.#secondChances.add(number);
        this.#waiting.push({ number, notBefore: performance.now() + RETRY_MS });
        break;
      default:
        this.wrong.push(`${number} was answered ${status}`);
    }
    return status;
  }

  /** The status, or 0 when the connection broke. */
  async #post(origin: string, sockets: HttpAgent, number: number): Promise<number> {
    const body = this.#options.textOf(number);
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const status = await post(`${origin}/intercom/test`, body, sockets, patience).catch(() => 0);
    if (patience.aborted) this.wrong.push(`${number} got no answer within ${PATIENCE_MS / 1000} s`);
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
    return status;
  }
}

async function post(url: string, body: string, agent: HttpAgent, signal: AbortSignal): Promise<number> {
  const sent = request(url, {
    method: 'POST',
    agent,
    signal,
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-hub-signature': sign(body),
    },
  });
  sent.end(body);
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}
