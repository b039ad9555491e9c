import type { Clock } from '../clock.ts';
import type { Exporter } from '../component.ts';
import type { Outcome, Reason } from '../exporters/outcome.ts';
import type { LogRecord } from '../record/log-record.ts';

const KINDS: ReadonlySet<string> = new Set<Outcome['kind']>(['delivered', 'retry', 'hold', 'split', 'reject']);

/**
 * One `send`, made safe: resolves with an outcome whatever the exporter does. It throws, it returns something else, it
 * ignores `signal`, it never ends: none of that ends the process, keeps it from ending, or stops the delivery.
 *
 * @param limitMs exporters have time limits of their own: one that has not answered after this long is broken
 * @param begun called when the exporter has begun
 */
export function attempt(
  exporter: Exporter,
  records: readonly LogRecord[],
  {
    signal,
    clock,
    limitMs,
    begun,
  }: { signal: AbortSignal; clock: Clock; limitMs: number; begun?: (() => void) | undefined },
): Promise<Outcome> {
  return new Promise((resolve) => {
    const own = new AbortController();
    const cut = () => {
      own.abort();
      finish(stopped(true));
    };
    if (signal.aborted) return resolve(stopped(false));
    const timer = clock.schedule(limitMs, () => {
      own.abort();
      const summary = `BUG: the exporter had not ended its attempt after ${limitMs / 1000} s`;
      finish({ kind: 'retry', reason: { summary }, ambiguous: true });
    });
    const finish = (outcome: Outcome) => {
      signal.removeEventListener('abort', cut);
      timer.cancel();
      resolve(outcome);
    };
    signal.addEventListener('abort', cut, { once: true });
    Promise.resolve()
      .then(() => {
        const sent = exporter.send({ records }, own.signal);
        begun?.();
        return sent;
      })
      .then(
        (outcome) => finish(isOutcome(outcome) ? outcome : bug('it answered with something that is no outcome')),
        (error: unknown) => finish(bug(error instanceof Error ? error.message : String(error))),
      );
  });
}

function isOutcome(outcome: Outcome | undefined): boolean {
  if (!outcome || !KINDS.has(outcome.kind)) return false;
  return outcome.kind === 'delivered' || typeof outcome.reason?.summary === 'string';
}

function stopped(ambiguous: boolean): Outcome {
  return { kind: 'retry', reason: { summary: 'the agent stopped before it was answered' }, ambiguous };
}

function bug(what: string): Outcome {
  return { kind: 'hold', reason: { summary: `BUG: the exporter failed: ${what}` } };
}

/** One line for logs and the health page. */
export function describe(reason: Reason): string {
  return reason.advice ? `${reason.summary}: ${reason.advice}` : reason.summary;
}
