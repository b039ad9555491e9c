/**
 * The sender of the load suite, in a process of its own: an open loop. Requests are due at a fixed rate whatever the answers do,
 * and latencies count from when a request was due; so a stall shows in every request that it delays. Its work for one request is
 * some tens of microseconds.
 */
import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { percentiles } from '../support/percentiles.ts';

export interface OpenLoop {
  readonly port: number;
  readonly path: string;
  readonly secret: string;
  readonly rate: number;
  readonly seconds: number;
  readonly connections: number;
}

export interface OpenLoopResult {
  readonly sent: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Connections that broke. */
  readonly broken: number;
  /** From due to answered, ms. */
  readonly answer: { readonly p50: number; readonly p99: number; readonly p999: number; readonly max: number };
  /** From due to written while a connection was free: the sender's own share, ms. */
  readonly lag: { readonly p50: number; readonly p99: number; readonly p999: number };
  /** Due, and waiting for a free connection, at most. */
  readonly queued: number;
  /** Of this process, in seconds. */
  readonly cpu: number;
}

/** Notifications like those of a busy conversation: 2.4 KB. */
const PADDING = 'x'.repeat(2050);
/** Requests that are signed ahead of time. */
const AHEAD = 512;

class Sender {
  readonly #options: OpenLoop;
  readonly #total: number;
  readonly #ready: Buffer[] = [];
  readonly #idle: Connection[] = [];
  /** Moments at which requests were due that found no free connection. */
  readonly #queue: number[] = [];
  readonly #latencies: number[] = [];
  readonly #lags: number[] = [];
  readonly #statuses: Record<string, number> = {};
  #made = 0;
  #due = 0;
  #answered = 0;
  #queued = 0;
  #broken = 0;

  constructor(options: OpenLoop) {
    this.#options = options;
    this.#total = Math.round(options.rate * options.seconds);
  }

  async run(): Promise<OpenLoopResult> {
    const { connections, port, rate } = this.#options;
    for (let i = 0; i < connections; i++) {
      this.#idle.push(await Connection.open(port, (connection, status, due) => this.#done(connection, status, due)));
    }
    this.#prepare(AHEAD);
    const began = performance.now();
    await new Promise<void>((resolve) => {
      const turn = () => {
        const now = performance.now();
        while (this.#due < this.#total && began + (this.#due * 1000) / rate <= now)
          this.#send(began + (this.#due++ * 1000) / rate);
        this.#prepare(8);
        if (this.#answered + this.#broken >= this.#total) resolve();
        // Not at every turn of the loop: that would take a processor from the agent.
        else setTimeout(turn, 1);
      };
      turn();
    });
    const { user, system } = process.cpuUsage();
    return {
      sent: this.#total,
      statuses: this.#statuses,
      broken: this.#broken,
      answer: { ...percentiles(this.#latencies), max: this.#latencies.reduce((a, b) => Math.max(a, b), 0) },
      lag: percentiles(this.#lags),
      queued: this.#queued,
      cpu: (user + system) / 1e6,
    };
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
    if (status === undefined) {
      this.#broken++;
      return;
    }
    this.#answered++;
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    this.#latencies.push(performance.now() - due);
    const waiting = this.#queue.shift();
    if (waiting === undefined) this.#idle.push(connection);
    else connection.send(this.#next(), waiting);
  }

  #next(): Buffer {
    this.#prepare(1);
    return this.#ready.shift() as Buffer;
  }

  #prepare(count: number): void {
    for (let i = 0; i < count && this.#ready.length < AHEAD && this.#made < this.#total; i++)
      this.#ready.push(request(this.#made++, this.#options));
  }
}

function request(number: number, { path, secret }: OpenLoop): Buffer {
  const now = Math.floor(Date.now() / 1000);
  const body = JSON.stringify({
    type: 'notification_event',
    app_id: 'abc12345',
    data: { type: 'notification_event_data', item: { type: 'conversation', id: '1', state: 'open', title: PADDING } },
    links: {},
    id: `load-${String(number).padStart(8, '0')}`,
    topic: 'conversation.user.replied',
    delivery_status: 'pending',
    delivery_attempts: 1,
    delivered_at: 0,
    first_sent_at: now,
    created_at: now,
    self: null,
  });
  const signature = createHmac('sha1', secret).update(body).digest('hex');
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nx-hub-signature: sha1=${signature}\r\n\r\n${body}`,
    'latin1',
  );
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

process.once('message', (options: OpenLoop) => {
  void new Sender(options).run().then((result) => process.send?.(result, () => process.exit(0)));
});
