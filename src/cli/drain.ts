import { delay, systemClock } from '../clock.ts';
import { parseDuration } from '../config/blocks/scalars.ts';
import type { Operations } from '../control/operations.ts';
import type { DeliveryStatus } from '../telemetry/status.ts';
import { printable } from '../telemetry/writer.ts';
import { answering } from './answering.ts';
import { type DataOptions, withData } from './data-options.ts';
import { nameOf } from './delivery-argument.ts';
import { CommandError, EXIT } from './exit.ts';
import { Command } from './options.ts';
import { counted, durationInWords, printJson, say } from './printing.ts';

const TIMEOUT = '5m';
const LOOK_MS = 250;
/** How often a person hears that something is still going on. */
const TALK_MS = 10_000;

export function drainCommand(): Command {
  return withData(new Command('drain'))
    .description(
      'Closes the doors of the running agent and waits until nothing is pending. They stay closed until it is restarted.',
    )
    .option('--timeout <duration>', 'give up waiting after this long; the doors stay closed', TIMEOUT)
    .option('--json', 'print the result as JSON')
    .action(drain);
}

async function drain(options: DataOptions & { timeout: string }): Promise<void> {
  const timeoutMs = parseDuration(options.timeout);
  if (timeoutMs === undefined || timeoutMs < 0) {
    throw new CommandError(
      `--timeout: expected a duration such as 30s or 5m, got ${JSON.stringify(options.timeout)}`,
      EXIT.usage,
    );
  }
  const { operations } = await answering(options);
  await operations.drain();
  say('The doors are closed: nothing new comes in until the agent is restarted.');
  const left = await emptied(operations, timeoutMs);
  const pending = left.reduce((sum, delivery) => sum + delivery.pending, 0);
  if (options.json) {
    const deliveries = left.map((delivery) => ({
      name: nameOf(delivery),
      pending: delivery.pending,
      state: delivery.state,
    }));
    printJson({ drained: pending === 0, pending, deliveries });
  }
  if (pending > 0) {
    throw new CommandError(
      `${counted(pending, 'record')} still pending after ${durationInWords(timeoutMs / 1000)}: ${inWords(left)}. They are kept, and sent by this agent or after its next start.`,
    );
  }
  if (!options.json) say('Nothing is pending.');
}

/** Resolves with the deliveries that still have something to send: none, unless the time is over. */
async function emptied(operations: Operations, timeoutMs: number): Promise<DeliveryStatus[]> {
  const began = systemClock.monotonic();
  let talkedAt = began;
  for (;;) {
    const { deliveries } = await operations.ledger();
    // An orphan sends nothing, however long one waits.
    const left = deliveries.filter(({ pending, state }) => pending > 0 && state !== 'orphaned');
    const now = systemClock.monotonic();
    if (left.length === 0 || now - began >= timeoutMs) return left;
    if (now - talkedAt >= TALK_MS) {
      say(`Pending: ${inWords(left)}.`);
      talkedAt = now;
    }
    await delay(systemClock, Math.min(LOOK_MS, began + timeoutMs - now));
  }
}

function inWords(deliveries: readonly DeliveryStatus[]): string {
  return deliveries
    .map((delivery) => {
      const { pending, state, reason } = delivery;
      return `${counted(pending, 'record')} of "${printable(nameOf(delivery))}", ${state}${reason === null ? '' : `: ${printable(reason)}`}`;
    })
    .join('; ');
}
