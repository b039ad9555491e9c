import type { ReceiverContext } from '../../component.ts';
import type { LogFields } from '../../telemetry/log.ts';
import type { RefusalReason } from '../../telemetry/status.ts';

/** Why a request gets another answer than 200. Thrown on the way of a request and turned into the answer in one place. */
export class Refusal extends Error {
  readonly status: number;
  readonly reason: RefusalReason;
  /** For the log only. */
  readonly fields: LogFields;

  /** @param message of our own words only: it is also the answer's text */
  constructor(status: number, reason: RefusalReason, message: string, fields: LogFields = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.reason = reason;
    this.fields = fields;
  }
}

/** Lines per reason and window before the rest is only counted. */
const LINES = 5;
const WINDOW_MS = 60_000;
const MAX_TEXT = 80;

/** Counts every refusal and logs some: the first few of each kind a minute, then how many were left out. */
export class RefusalLog {
  readonly #context: Pick<ReceiverContext, 'log' | 'clock' | 'refused'>;
  readonly #windows = new Map<RefusalReason, { seen: number; close: () => void }>();
  #closed = false;

  constructor(context: Pick<ReceiverContext, 'log' | 'clock' | 'refused'>) {
    this.#context = context;
  }

  note(refusal: { status: number; reason: RefusalReason; message: string; fields?: LogFields }): void {
    const { status, reason, message, fields } = refusal;
    this.#context.refused(reason);
    if (this.#closed) return;
    const window = this.#windows.get(reason) ?? this.#open(reason);
    window.seen++;
    if (window.seen > LINES) return;
    this.#context.log.warn('A request was refused.', { reason, status, cause: message, ...fields });
  }

  /** Says what was left out so far; from now on refusals are only counted. Idempotent. */
  close(): void {
    this.#closed = true;
    for (const { close } of [...this.#windows.values()]) close();
  }

  #open(reason: RefusalReason) {
    const window = {
      seen: 0,
      close: () => {
        timer.cancel();
        this.#windows.delete(reason);
        const suppressed = window.seen - LINES;
        if (suppressed > 0) this.#context.log.warn('More requests were refused.', { reason, suppressed });
      },
    };
    const timer = this.#context.clock.schedule(WINDOW_MS, window.close);
    this.#windows.set(reason, window);
    return window;
  }
}

/** A text from outside for a log line: bounded. (The log escapes it.) */
export function excerpt(text: string | undefined): string | undefined {
  return text !== undefined && text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

/**
 * A request's path for a log line: without the query and without what may be the token of an integration, mistyped or of
 * an old key.
 */
export function pathExcerpt(target: string): string {
  const path = target.replace(/[?#].*$/s, '').replace(/^(.*\/intercom\/).+$/s, '$1…');
  const segments = path.split('/', 8).map((segment) => (segment.length > 20 ? '…' : segment));
  return excerpt(segments.join('/')) as string;
}
