import { createHmac } from 'node:crypto';
import { SECRET } from '../support/agent-process.ts';
import { Client } from '../support/raw-client.ts';

/** Between an answer and the next notification of the same connection: some are idle at any moment, and none for long. */
const PAUSE_MS = 20;

/** Connections that are kept, and on each of them one notification after the other. */
export class Senders {
  /** Where new connections go; the old ones move there with their next notification. */
  port: number;
  readonly #statuses: Record<string, number> = {};
  readonly #working: Promise<void>[];
  readonly #clients = new Set<Client>();
  #sent = 0;
  #broken = 0;
  #isOver = false;
  /** Nothing is sent while it is unresolved. */
  #going: Promise<void> = Promise.resolve();
  #go: () => void = () => {};
  #atRest = 0;

  constructor(connections: number, port: number) {
    this.port = port;
    this.#working = Array.from({ length: connections }, () => this.#send());
  }

  /** Runs `work` while nothing is sent and nothing is owed an answer. */
  async pause<T>(work: () => Promise<T>): Promise<T> {
    this.#going = new Promise((resolve) => {
      this.#go = resolve;
    });
    while (this.#atRest < this.#working.length) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    try {
      return await work();
    } finally {
      this.#go();
    }
  }

  /** Resolves, when the last ones are answered, with what became of all. */
  async stop() {
    this.#isOver = true;
    await Promise.all(this.#working);
    this.close();
    return { sent: this.#sent, statuses: this.#statuses, broken: this.#broken };
  }

  close(): void {
    this.#isOver = true;
    for (const client of this.#clients) client.close();
  }

  async #send(): Promise<void> {
    let port = this.port;
    let client = this.#connect(port);
    while (!this.#isOver) {
      if (port !== this.port) {
        this.#leave(client);
        port = this.port;
        client = this.#connect(port);
      }
      client.write(request(this.#sent++));
      const answer = await client.answer();
      if (!answer) this.#broken++;
      else this.#statuses[answer.status] = (this.#statuses[answer.status] ?? 0) + 1;
      if (!answer || answer.headers.connection === 'close') {
        this.#leave(client);
        client = this.#connect(port);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      this.#atRest++;
      await this.#going;
      this.#atRest--;
    }
  }

  #connect(port: number): Client {
    const client = new Client(port);
    this.#clients.add(client);
    return client;
  }

  #leave(client: Client): void {
    client.close();
    this.#clients.delete(client);
  }
}

function request(number: number): string {
  const id = `load-${String(number).padStart(8, '0')}`;
  const body = JSON.stringify({ type: 'notification_event', id, topic: 'contact.created', created_at: 1 });
  const signature = createHmac('sha1', SECRET).update(body).digest('hex');
  return `POST /intercom/test HTTP/1.1\r\nHost: a\r\nX-Hub-Signature: sha1=${signature}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
