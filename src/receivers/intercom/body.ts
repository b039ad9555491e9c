/** From a request's stream to its bytes: bounded in size, time and together with all other requests. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { Clock, Timer } from '../../clock.ts';
import { DECODED } from '../../config/blocks/http.ts';
import { continueBody } from '../../net/server.ts';
import { BROKEN_BODY } from '../../net/server-connections.ts';
import type { ByteBudget } from './limits.ts';
import { Refusal } from './refusal.ts';

export interface BodyLimits {
  /** Bytes of one body. */
  readonly maxBytes: number;
  /** Milliseconds from the call until the last byte, waiting included; 0 for no limit. */
  readonly timeoutMs: number;
  /** Milliseconds that a request may wait for room in the budget. */
  readonly waitMs: number;
  readonly budget: ByteBudget;
  /** Encodings that are undone, of those that can be. */
  readonly encodings: ReadonlySet<string>;
  readonly clock: Clock;
}

/** A body in memory. Its bytes stay in the budget until `release`, which is called exactly once. */
export interface Body {
  readonly bytes: Buffer;
  /** Counts bytes made from it (decompressed) as held too. */
  hold(bytes: number): void;
  release(): void;
}

/** Room for a body whose length isn't known, or isn't believed before this much of it has come. */
const FIRST_BYTES = 64 * 1024;

/**
 * Reads a body to its end.
 *
 * Room is taken from the budget before bytes are read: at first for at most 64 KiB, then for the length that was declared
 * (or twice as much each time), so that a client that declares much and sends little holds little. While there is no room
 * nothing is read.
 * @throws {Refusal} 413, 429, 408 or 400. Nothing is held then, and what still comes is thrown away unread.
 */
export function readBody(request: IncomingMessage, response: ServerResponse, limits: BodyLimits): Promise<Body> {
  const header = request.headers['content-length'];
  const declared = header === undefined ? undefined : Number(header);
  if (declared !== undefined && declared > limits.maxBytes) return Promise.reject(tooLarge(limits));
  return new Promise((resolve, reject) => {
    new Reading(request, response, limits, declared, resolve, reject).start();
  });
}

const NOTHING = Buffer.alloc(0);

/** Its listeners stay with the request, which is over soon: once the reading is done they do nothing. */
class Reading {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #limits: BodyLimits;
  readonly #declared: number | undefined;
  readonly #resolve: (body: Body) => void;
  readonly #reject: (refusal: Refusal) => void;
  #done = false;
  #deadline: Timer | undefined;
  /** Given up when the reading is over: a place in the line for room, and the time that it may take. */
  #waiting: { giveUp(): void; patience: Timer } | undefined;
  /** Taken from the budget. */
  #taken = 0;
  #room: Buffer = NOTHING;
  #length = 0;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    limits: BodyLimits,
    declared: number | undefined,
    resolve: (body: Body) => void,
    reject: (refusal: Refusal) => void,
  ) {
    this.#request = request;
    this.#response = response;
    this.#limits = limits;
    this.#declared = declared;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { clock, timeoutMs } = this.#limits;
    const request = this.#request;
    if (request.destroyed) {
      this.#fail(disconnected());
      return;
    }
    request.on('close', () => {
      if (!this.#done) this.#fail(disconnected());
    });
    request.on(BROKEN_BODY, () => {
      if (!this.#done) this.#fail(new Refusal(400, 'malformed', 'the body is not valid HTTP'));
    });
    if (timeoutMs > 0) {
      this.#deadline = clock.schedule(timeoutMs, () => {
        // The rest may never come: the connection is of no more use.
        if (!this.#response.headersSent) this.#response.setHeader('connection', 'close');
        this.#fail(new Refusal(408, 'timeout', 'the body took too long'));
      });
    }
    this.#withRoom(Math.min(this.#declared ?? FIRST_BYTES, FIRST_BYTES), () => {
      continueBody(request, this.#response);
      request.on('data', (chunk: Buffer) => {
        if (!this.#done) this.#take(chunk);
      });
      request.on('end', () => {
        if (!this.#done) this.#finish();
      });
    });
  }

  #take(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#limits.maxBytes) {
      this.#fail(tooLarge(this.#limits));
    } else if (length <= this.#taken) {
      this.#append(chunk);
    } else {
      const wanted = this.#declared ?? Math.min(this.#limits.maxBytes, Math.max(2 * this.#taken, length));
      // While it is paused the stream holds little more than this chunk; the rest stays with the sender.
      this.#request.pause();
      this.#withRoom(wanted - this.#taken, () => {
        this.#append(chunk);
        this.#request.resume();
      });
    }
  }

  /** A body in one piece is taken as it is. Others are copied: many small chunks then cost no more than their bytes. */
  #append(chunk: Buffer): void {
    if (this.#length === 0) {
      this.#room = chunk;
    } else {
      if (this.#room.length < this.#length + chunk.length) {
        const room = Buffer.allocUnsafeSlow(this.#taken);
        this.#room.copy(room, 0, 0, this.#length);
        this.#room = room;
      }
      chunk.copy(this.#room, this.#length);
    }
    this.#length += chunk.length;
  }

  /** Calls `next` as soon as so many bytes are taken from the budget. */
  #withRoom(bytes: number, next: () => void): void {
    const { budget, clock, waitMs } = this.#limits;
    const granted = () => {
      this.#taken += bytes;
      next();
    };
    if (budget.tryTake(bytes)) {
      granted();
      return;
    }
    const giveUp = budget.wait(bytes, () => {
      patience.cancel();
      granted();
    });
    const patience = clock.schedule(waitMs, () => {
      this.#fail(new Refusal(429, 'busy', 'too many bytes of open requests'));
    });
    this.#waiting = { giveUp, patience };
  }

  #finish(): void {
    this.#stop();
    const { budget } = this.#limits;
    let held = this.#length;
    const bytes = this.#room.length > held ? Buffer.from(this.#room.subarray(0, held)) : this.#room;
    this.#room = NOTHING;
    budget.release(this.#taken - held);
    this.#resolve({
      bytes,
      hold: (more) => {
        budget.overdraw(more);
        held += more;
      },
      release: () => budget.release(held),
    });
  }

  #fail(refusal: Refusal): void {
    this.#stop();
    this.#room = NOTHING;
    this.#limits.budget.release(this.#taken);
    this.#request.resume();
    this.#reject(refusal);
  }

  #stop(): void {
    this.#done = true;
    this.#deadline?.cancel();
    this.#waiting?.giveUp();
    this.#waiting?.patience.cancel();
  }
}

function tooLarge({ maxBytes }: BodyLimits): Refusal {
  return new Refusal(413, 'too_large', `the body is larger than ${maxBytes} bytes`);
}

function disconnected(): Refusal {
  return new Refusal(400, 'malformed', 'the connection closed before the body was complete');
}

export type Decoded =
  | { readonly kind: 'decoded'; readonly bytes: Buffer }
  /** More than `maxBytes`. */
  | { readonly kind: 'too_large' }
  /** An encoding that is not known, or data that is not in it. */
  | { readonly kind: 'unreadable'; readonly problem: string };

/**
 * Undoes a Content-Encoding. Synchronous: the thread pool belongs to the journal's syncs, and only bytes with a valid
 * signature come this far.
 */
export function decodeContent(
  bytes: Buffer,
  encoding: string | undefined,
  { maxBytes, encodings }: Pick<BodyLimits, 'maxBytes' | 'encodings'>,
): Decoded {
  const options = { maxOutputLength: maxBytes };
  const name =
    encoding
      ?.trim()
      .toLowerCase()
      .replace(/^x-gzip$/, 'gzip')
      .replace(/^identity$/, '') ?? '';
  if (name !== '' && DECODED.includes(name) && !encodings.has(name)) {
    return { kind: 'unreadable', problem: `compression_algorithms does not have ${name}` };
  }
  try {
    switch (name) {
      case '':
        return { kind: 'decoded', bytes };
      case 'gzip':
        return { kind: 'decoded', bytes: gunzipSync(bytes, options) };
      case 'zlib':
      case 'deflate':
        return { kind: 'decoded', bytes: inflateSync(bytes, options) };
      case 'br':
        return { kind: 'decoded', bytes: brotliDecompressSync(bytes, options) };
      default:
        return { kind: 'unreadable', problem: 'unknown encoding' };
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ERR_BUFFER_TOO_LARGE' ? { kind: 'too_large' } : { kind: 'unreadable', problem: code ?? 'broken' };
  }
}
