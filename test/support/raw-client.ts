/** A client that sends whatever bytes a test wants, and waiting without sleeping. */
import { connect, type Socket } from 'node:net';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** A connection on which a test writes bytes and reads answers one by one. */
export class Client {
  readonly socket: Socket;
  #received = '';
  #over = false;
  #wake = () => {};

  constructor(port: number, localAddress?: string) {
    this.socket = connect({ port, host: '127.0.0.1', localAddress });
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk) => {
      this.#received += chunk.toString('latin1');
      this.#wake();
    });
    for (const event of ['end', 'close', 'error']) {
      this.socket.on(event, () => {
        this.#over = true;
        this.#wake();
      });
    }
  }
  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }
  /** The next answer; undefined when the door closed the connection without one. */
  async answer(options: { head?: boolean } = {}): Promise<Answer | undefined> {
    for (;;) {
      const answer = this.#take(options.head ?? false);
      if (answer || this.#over) return answer;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
  /** Resolves when the door has closed the connection. */
  async closed(): Promise<void> {
    while (!this.#over) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
  close(): void {
    this.socket.destroy();
  }

  #take(head: boolean): Answer | undefined {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const [first = '', ...rest] = this.#received.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(
      rest.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const length = head || first.includes(' 100 ') ? 0 : Number(headers['content-length'] ?? 0);
    if (this.#received.length < end + 4 + length) return undefined;
    const body = this.#received.slice(end + 4, end + 4 + length);
    this.#received = this.#received.slice(end + 4 + length);
    return { status: Number(first.split(' ')[1]), headers, body };
  }
}

/** Sends bytes on a connection of its own and returns the first answer. */
export async function send(port: number, bytes: string | Uint8Array): Promise<Answer | undefined> {
  const client = new Client(port);
  try {
    client.write(bytes);
    return await client.answer({ head: Buffer.from(bytes).subarray(0, 5).toString() === 'HEAD ' });
  } finally {
    client.close();
  }
}

/** Resolves when `condition` holds; it is looked at after every turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`never true: ${condition}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
