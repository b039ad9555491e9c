import type { Batch, Exporter } from '../../src/component.ts';
import type { Outcome } from '../../src/exporters/outcome.ts';
import type { LogRecord } from '../../src/record/log-record.ts';

export const text = (record: LogRecord): string => record.body as string;

export const delivered: Outcome = { kind: 'delivered' };
export const retry = (more: { afterMs?: number; ambiguous?: boolean; status?: number } = {}): Outcome => {
  const { status = 503, ...rest } = more;
  return { kind: 'retry', reason: { summary: `${status} from backend`, status }, ambiguous: false, ...rest };
};
/** It answers 500 each time it gets the record. */
export const broken: Outcome = retry({ status: 500, ambiguous: true });
export const reset: Outcome = { kind: 'retry', reason: { summary: 'reset', code: 'ECONNRESET' }, ambiguous: true };
export const hold: Outcome = {
  kind: 'hold',
  reason: { summary: '401 Unauthorized', status: 401, advice: 'check the key' },
};
export const forbidden: Outcome = { kind: 'hold', reason: { summary: '403 Forbidden', status: 403 } };
export const reject: Outcome = {
  kind: 'reject',
  reason: { summary: '400 Bad Request', status: 400, body: 'no such field' },
};
export const tooLarge: Outcome = { kind: 'split', reason: { summary: '413 Payload Too Large', status: 413 } };

export type Answer = (texts: string[], signal: AbortSignal) => Outcome | Promise<Outcome>;

/** A backend that answers as it is told; `sent` is what reached it, request by request. */
export class ScriptedExporter implements Exporter {
  readonly sent: string[][] = [];
  readonly records: LogRecord[] = [];
  answer: Answer = () => delivered;
  inFlight = 0;
  mostInFlight = 0;
  start = () => Promise.resolve();
  shutdown = () => Promise.resolve();
  weigh = (record: LogRecord) => text(record).length;
  async send(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    const texts = batch.records.map(text);
    this.sent.push(texts);
    this.records.push(...batch.records);
    this.inFlight++;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      return await this.answer(texts, signal);
    } finally {
      this.inFlight--;
    }
  }
  get texts(): string[] {
    return this.sent.flat();
  }
  /** How often this record was sent. */
  times(name: string): number {
    return this.texts.filter((one) => one === name).length;
  }
}
