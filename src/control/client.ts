/** The commands' side of the socket: the operations of a running agent. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Person } from './audit.ts';
import {
  type Ledger,
  type Letter,
  type LetterDetails,
  type LetterFilter,
  OperationError,
  type Operations,
  type ReplayAnswer,
  type ReplayRequest,
} from './operations.ts';
import { BASE_PATH, CALLS } from './protocol.ts';
import type { TapLine, TapRequest } from './taps.ts';

/** An agent that does not say a word for so long hangs, or its machine does. */
export const PATIENCE = { quickMs: 30_000, slowMs: 30 * 60_000 };

export interface ControlClientOptions {
  /** Path of the socket. */
  readonly socket: string;
  readonly who: Person;
  readonly patience?: typeof PATIENCE;
}

/**
 * Every operation as the agent answers it: its refusals are thrown as `OperationError` with the same text, so are silence and
 * an agent that ends meanwhile; its mistakes as an `Error` that begins with "BUG:".
 */
export class ControlClient implements Operations {
  readonly #socket: string;
  readonly #who: Person;
  readonly #patience: typeof PATIENCE;

  constructor({ socket, who, patience = PATIENCE }: ControlClientOptions) {
    this.#socket = socket;
    this.#who = who;
    this.#patience = patience;
  }

  /** Version of the agent that answers. @throws {OperationError} when none does */
  async version(): Promise<string> {
    const response = await this.#send({ method: 'GET', path: BASE_PATH }, undefined, this.#patience.quickMs);
    const { version } = (await wholeJson(response)) as { version?: unknown };
    return String(version);
  }

  ledger(): Promise<Ledger> {
    return this.#value('ledger', {});
  }
  async letters(filter: LetterFilter): Promise<Letter[]> {
    const letters: Letter[] = [];
    for await (const letter of this.#list<Letter>('letters', { filter })) letters.push(letter);
    return letters;
  }
  letterDetails(filter: LetterFilter): AsyncIterable<LetterDetails> {
    return this.#list('letterDetails', { filter });
  }
  retryLetters(filter: LetterFilter): Promise<{ letters: number; left?: number }> {
    return this.#value('retryLetters', { filter });
  }
  discardLetters(filter: LetterFilter): Promise<{ letters: number }> {
    return this.#value('discardLetters', { filter });
  }
  replay(request: ReplayRequest): Promise<ReplayAnswer[]> {
    return this.#value('replay', { request });
  }
  async cancelReplay(id: string): Promise<void> {
    await this.#value('cancelReplay', { id });
  }
  async renameDelivery(from: string, to: string): Promise<void> {
    await this.#value('renameDelivery', { from, to });
  }
  forgetDelivery(name: string): Promise<{ undelivered: number }> {
    return this.#value('forgetDelivery', { name });
  }
  skipDelivery(name: string, { discard }: { discard: boolean }): Promise<{ records: number }> {
    return this.#value('skipDelivery', { name, discard });
  }
  erase(person: string, { dry_run }: { dry_run: boolean }): Promise<{ entries: number; letters: number }> {
    return this.#value('erase', { person, dry_run });
  }
  tap(request: TapRequest, left: AbortSignal): AsyncIterable<TapLine> {
    return this.#list('tap', { request }, left);
  }
  drain(): Promise<{ pending: number }> {
    return this.#value('drain', {});
  }

  async #value<Result>(operation: keyof Operations, given: object): Promise<Result> {
    const { result } = (await wholeJson(await this.#call(operation, given))) as { result: Result };
    return result;
  }

  /** @param left aborts when nobody wants the rest */
  async *#list<Item>(operation: keyof Operations, given: object, left?: AbortSignal): AsyncGenerator<Item> {
    const response = await this.#call(operation, given);
    const leave = () => response.destroy();
    left?.addEventListener('abort', leave, { once: true });
    const cut = CALLS[operation].endless ? cutOff : gone;
    try {
      for await (const text of linesOf(response, cut)) {
        if (left?.aborted) return;
        const line = JSON.parse(text) as { item?: Item; end?: true; error?: string; bug?: boolean };
        if (line.error !== undefined) throw line.bug ? new Error(line.error) : new OperationError(line.error);
        if (line.end) return;
        yield line.item as Item;
      }
      throw cut();
    } catch (error) {
      if (!left?.aborted) throw error;
    } finally {
      left?.removeEventListener('abort', leave);
      response.destroy();
    }
  }

  /** Resolves with an answer of 200. */
  async #call(operation: keyof Operations, given: object): Promise<IncomingMessage> {
    const body = JSON.stringify({ who: this.#who, arguments: given });
    const { quickMs, slowMs } = this.#patience;
    const response = await this.#send(
      { method: 'POST', path: `${BASE_PATH}/${operation}` },
      body,
      CALLS[operation].slow ? slowMs : quickMs,
    );
    // Silence there means that there is nothing to tell.
    if (CALLS[operation].endless) response.socket.setTimeout(0);
    if (response.statusCode === 200) return response;
    const { error } = (await wholeJson(response)) as { error?: string };
    const text = error ?? `The agent answered ${response.statusCode}.`;
    throw response.statusCode === 500 ? new Error(text) : new OperationError(text);
  }

  #send(
    { method, path }: { method: string; path: string },
    body: string | undefined,
    patienceMs: number,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = httpRequest({ socketPath: this.#socket, method, path, agent: false, timeout: patienceMs });
      sent.once('timeout', () => sent.destroy(silent(patienceMs)));
      sent.once('error', (error) => reject(error instanceof OperationError ? error : gone(error)));
      sent.once('response', (response) => {
        // Cut off in the middle: it shows as an end too early, where the answer is read.
        response.on('error', () => {});
        resolve(response);
      });
      sent.end(body);
    });
  }
}

async function wholeJson(response: IncomingMessage): Promise<object> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return JSON.parse(Buffer.concat(chunks).toString()) as object;
  } catch (error) {
    throw gone(error);
  }
}

/** @param cut what is thrown when it breaks off */
async function* linesOf(response: IncomingMessage, cut: (cause: unknown) => Error): AsyncGenerator<string> {
  // The parts of a line that is not at its end: one of some megabytes comes in many.
  let parts: string[] = [];
  response.setEncoding('utf8');
  try {
    for await (const chunk of response as AsyncIterable<string>) {
      const [first = '', ...lines] = chunk.split('\n');
      parts.push(first);
      for (const line of lines) {
        yield parts.join('');
        parts = [line];
      }
    }
  } catch (error) {
    throw cut(error);
  }
}

function silent(patienceMs: number): OperationError {
  return new OperationError(
    `The agent did not answer within ${patienceMs / 1000} s. It goes on with what was asked; \`ledger\` and its log tell.`,
  );
}

function gone(cause?: unknown): OperationError {
  const why = cause instanceof Error ? ` (${cause.message})` : '';
  const error = new OperationError(
    `The agent ended, or closed the connection, before it had answered${why}. Whether it was done shows in \`ledger\` and in audit.log.`,
  );
  error.cause = cause;
  return error;
}

/** Of a list without an end: there is nothing that may have been done. */
function cutOff(cause?: unknown): OperationError {
  const error = new OperationError('The agent ended, or closed the connection.');
  error.cause = cause;
  return error;
}
