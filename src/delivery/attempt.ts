import type { Exporter } from '../component.ts';
import type { Outcome, Reason } from '../exporters/outcome.ts';
import type { LogRecord } from '../record/log-record.ts';

const KINDS: ReadonlySet<string> = new Set<Outcome['kind']>(['delivered', 'retry', 'hold', 'split', 'reject']);

/**
 * One `send`, made safe: resolves with an outcome whatever the exporter does. It throws, it returns something else, it
 * ignores `signal`: none of that ends the process or keeps it from ending.
 */
export function attempt(exporter: Exporter, records: readonly LogRecord[], signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const cut = () =>
      finish({ kind: 'retry', reason: { summary: 'the agent stopped before it was answered' }, ambiguous: true });
    const finish = (outcome: Outcome) => {
      signal.removeEventListener('abort', cut);
      resolve(outcome);
    };
    signal.addEventListener('abort', cut, { once: true });
    Promise.resolve()
      .then(() => exporter.send({ records }, signal))
      .then(
        (outcome) => finish(KINDS.has(outcome?.kind) ? outcome : bug('it answered with something that is no outcome')),
        (error: unknown) => finish(bug(error instanceof Error ? error.message : String(error))),
      );
  });
}

function bug(what: string): Outcome {
  return { kind: 'hold', reason: { summary: `BUG: the exporter failed: ${what}` } };
}

/** One line for logs and the health page. */
export function describe(reason: Reason | undefined): string {
  if (!reason) return 'for a reason that the exporter does not say';
  return reason.advice ? `${reason.summary}: ${reason.advice}` : reason.summary;
}
