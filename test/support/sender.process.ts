/**
 * The sender of the load suite and of the benchmark, in a process of its own. In an open loop requests are due at a fixed rate
 * whatever the answers do, and latencies count from when a request was due; so a stall shows in every request that it delays. In
 * a closed loop each connection sends when it has its answer. Requests are signed ahead of time as far as memory allows; the work
 * for one is then some tens of microseconds.
 */
import { connect, type Socket } from 'node:net';
import { RequestTemplate } from './notifications.ts';
import { percentiles } from './percentiles.ts';

export interface Sending {
  readonly port: number;
  /** In turns. */
  readonly paths: readonly string[];
  readonly secret: string;
  /** Requests in a second, an open loop. Absent: a closed one. */
  readonly rate?: number;
  readonly seconds: number;
  readonly connections: number;
  /** Of a body. */
  readonly bytes: number;
  /** Number of the first notification; the others follow it. */
  readonly first: number;
}

export interface SendingResult {
  readonly sent: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Connections that broke. */
  readonly broken: number;
  /** From due (in a closed loop: from sent) to answered, ms. */
  readonly answer: { readonly p50: number; readonly p99: number; readonly p999: number; readonly max: number };
  /** From due to written while a connection was free: the sender's own share, ms. */
  readonly lag: { readonly p50: number; readonly p99: number; readonly p999: number };
  /** Due, and waiting for a free connection, at most. */
  readonly queued: number;
  /** Of this process while it sent, in seconds. */
  readonly cpu: number;
  /** Milliseconds since the epoch: the first was due, the last was answered. */
  readonly began: number;
  readonly ended: number;
}

/** Requests that are made before the first is sent take at most so much memory. */
const AHEAD_BYTES = 64 * 2 ** 20;

class Sender {
  readonly #options: Sending;
  readonly #templates: readonly RequestTemplate[];
  readonly #ahead: number;
  readonly #ready: (Buffer | undefined)[] = [];
  readonly #idle: Connection[] = [];
  /** Moments at which requests were due that found no free connection. */
  readonly #queue: number[] = [];
  readonly #latencies: number[] = [];
  readonly #lags: number[] = [];
  readonly #statuses: Record<string, number> = {};
  #total: number;
  #made = 0;
  #sent = 0;
  #due = 0;
  #answered = 0;
  #queued = 0;
  #broken = 0;
  #finish: () => void = () => {};

  constructor(options: Sending) {
    this.#options = options;
    this.#templates = options.paths.map((path) => new RequestTemplate({ ...options, path }));
    const { rate, seconds } = options;
    this.#total = rate === undefined ? Number.POSITIVE_INFINITY : Math.round(rate * seconds);
    const most = Math.ceil(AHEAD_BYTES / (this.#templates[0] as RequestTemplate).length);
    this.#ahead = Math.max(options.connections, Math.min(most, this.#total));
  }

  async run(): Promise<SendingResult> {
    const { connections, port, rate, seconds } = this.#options;
    for (let i = 0; i < connections; i++) {
      this.#idle.push(await Connection.open(port, (connection, status, due) => this.#done(connection, status, due)));
    }
    while (this.#made < this.#ahead) this.#make();
    const before = process.cpuUsage();
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    const began = Date.now();
    if (rate === undefined) this.#closedLoop(seconds);
    else this.#openLoop(rate);
    await finished;
    const { user, system } = process.cpuUsage(before);
    return {
      ...{ began, ended: Date.now(), sent: this.#sent, statuses: this.#statuses, broken: this.#broken },
      answer: { ...percentiles(this.#latencies), max: this.#latencies.reduce((a, b) => Math.max(a, b), 0) },
      lag: percentiles(this.#lags),
      queued: this.#queued,
      cpu: (user + system) / 1e6,
    };
  }

  #openLoop(rate: number): void {
    const began = performance.now();
    const turn = () => {
      const now = performance.now();
      while (this.#due < this.#total && began + (this.#due * 1000) / rate <= now)
        this.#send(began + (this.#due++ * 1000) / rate);
      // Not at every turn of the loop: that would take a processor from the agent.
      if (this.#due < this.#total) setTimeout(turn, 1);
    };
    turn();
  }

  #closedLoop(seconds: number): void {
    setTimeout(() => {
      this.#total = this.#sent;
      this.#settle();
    }, seconds * 1000);
    for (const connection of this.#idle.splice(0)) connection.send(this.#next(), performance.now());
  }

  #send(due: number): void {
    const connection = this.#idle.pop();
    if (connection) {
      this.#lags.push(performance.now() - due);
      connection.send(this.#next(), due);
    } else {
      this.#queue.push(due);
      this.#queued = Math.max(this.#queued, this.#queue.length);
    }
  }

  #done(connection: Connection, status: number | undefined, due: number): void {
    if (status === undefined) this.#broken++;
    else {
      this.#answered++;
      this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
      this.#latencies.push(performance.now() - due);
      const isClosed = this.#options.rate === undefined;
      const waiting = isClosed && this.#sent < this.#total ? performance.now() : this.#queue.shift();
      if (waiting === undefined) this.#idle.push(connection);
      else connection.send(this.#next(), waiting);
    }
    this.#settle();
  }

  /** A connection that broke in a closed loop sends no more; when all did, there is nothing to wait for. */
  #settle(): void {
    const { answered, broken } = { answered: this.#answered, broken: this.#broken };
    if (answered + broken >= this.#total || broken >= this.#options.connections) this.#finish();
  }

  #make(): void {
    const template = this.#templates[this.#made % this.#templates.length] as RequestTemplate;
    this.#ready.push(template.make(this.#options.first + this.#made++));
  }

  #next(): Buffer {
    if (this.#sent >= this.#ready.length) this.#make();
    const request = this.#ready[this.#sent] as Buffer;
    this.#ready[this.#sent++] = undefined;
    return request;
  }
}

/** One request at a time. */
class Connection {
  readonly #socket: Socket;
  #due: number | undefined;
  #received = '';

  static open(
    port: number,
    done: (connection: Connection, status: number | undefined, due: number) => void,
  ): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Connection(socket, done)));
    });
  }

  private constructor(socket: Socket, done: (connection: Connection, status: number | undefined, due: number) => void) {
    this.#socket = socket;
    const finish = (status: number | undefined) => {
      const due = this.#due;
      if (due === undefined) return;
      this.#due = undefined;
      this.#received = '';
      done(this, status, due);
    };
    socket.on('data', (chunk) => {
      this.#received += chunk.toString('latin1');
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#received)?.[1] ?? 0);
      if (this.#received.length >= end + 4 + length) finish(Number(this.#received.slice(9, 12)));
    });
    socket.on('error', () => {});
    socket.on('close', () => finish(undefined));
  }

  send(bytes: Buffer, due: number): void {
    this.#due = due;
    // A connection that is gone says so by its close.
    if (this.#socket.destroyed) setImmediate(() => this.#socket.emit('close'));
    else this.#socket.write(bytes);
  }
}

process.once('message', (options: Sending) => {
  void new Sender(options).run().then((result) => process.send?.(result, () => process.exit(0)));
});
