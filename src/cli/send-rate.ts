import { systemClock } from '../clock.ts';
import { CommandError } from './exit.ts';
import { Latencies } from './latencies.ts';
import { openLoop } from './open-loop.ts';
import { printJson, say } from './printing.ts';
import { countsInWords, noAnswer } from './send-answers.ts';
import type { Sample } from './send-samples.ts';

/** Requests that are open at a time at most. */
const MAX_OPEN = 128;
/** How often a person hears how it goes. */
const TALK_MS = 5000;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface RateOptions {
  /** Notifications a second. */
  readonly rate: number;
  readonly durationMs: number;
  readonly json: boolean;
  /** Gives the status; rejects when there is no answer. */
  readonly post: (body: Uint8Array) => Promise<number>;
}

/** Posts samples at a rate until the time is over or a signal comes, and tells what came of them. */
export async function sendAtRate(next: () => Sample, options: RateOptions): Promise<void> {
  const { rate, durationMs, json, post } = options;
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  // Once: a second signal ends the process at once.
  for (const signal of SIGNALS) process.once(signal, stop);
  const latencies = new Latencies();
  const counts = new Map<string, number>();
  let sent = 0;
  const began = systemClock.monotonic();
  const talk = setInterval(() => {
    say(`${((systemClock.monotonic() - began) / 1000).toFixed(0)} s: ${sent} answered: ${countsInWords(counts)}.`);
  }, TALK_MS);
  const { begun, due } = await openLoop({
    rate,
    durationMs,
    maxOpen: MAX_OPEN,
    clock: systemClock,
    stopped: stopped.signal,
    send: async () => {
      const outcome = await post(next().body).then(String, noAnswer);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    },
    sent: (ms) => {
      sent += 1;
      latencies.add(ms);
    },
  });
  clearInterval(talk);
  for (const signal of SIGNALS) process.off(signal, stop);
  const seconds = (systemClock.monotonic() - began) / 1000;
  const milliseconds = {
    median: rounded(latencies.quantile(0.5)),
    p99: rounded(latencies.quantile(0.99)),
    max: rounded(latencies.max),
  };
  const late = due - begun;
  if (json) printJson({ sent: begun, not_sent: late, statuses: Object.fromEntries(counts), seconds, milliseconds });
  else {
    process.stdout.write(
      `${begun} sent in ${seconds.toFixed(1)} s (${(begun / seconds).toFixed(1)}/s): ${countsInWords(counts)}.\n` +
        `From when each was due to its answer: median ${milliseconds.median} ms, p99 ${milliseconds.p99} ms, max ${milliseconds.max} ms.\n`,
    );
    if (late > 0) process.stdout.write(`${late} more were due, but ${MAX_OPEN} requests were open all the time.\n`);
  }
  const refused = begun - (counts.get('200') ?? 0);
  if (refused > 0) throw new CommandError(`${refused} of ${begun} were not answered 200`);
  if (late > 0) throw new CommandError(`${late} of ${due} could not be sent in time`);
}

function rounded(ms: number): number {
  return Number(ms.toPrecision(3));
}
