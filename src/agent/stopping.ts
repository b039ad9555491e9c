import { type Clock, delay } from '../clock.ts';
import type { Component } from '../component.ts';
import type { Journal } from '../journal/journal.ts';
import type { Log } from '../telemetry/log.ts';
import type { Assembly, Part } from './assembly.ts';
import { within } from './deadline.ts';
import type { Deliveries } from './deliveries.ts';

/** A component that ignores the deadline is left behind after this. */
const GRACE_MS = 1000;

/** Stops things, each in not much longer than its deadline. What goes wrong is logged; nothing rejects. */
export class Stopper {
  readonly #clock: Clock;
  readonly #log: Log;

  constructor({ clock, log }: { clock: Clock; log: Log }) {
    this.#clock = clock;
    this.#log = log;
  }

  part({ kind, id, instance }: Part, deadline: AbortSignal): Promise<void> {
    return this.work(kind, id, instance.shutdown(deadline), deadline);
  }

  work(kind: string, id: string, work: Promise<unknown>, deadline: AbortSignal): Promise<void> {
    const report = (error: unknown) => this.trouble(kind, id, 'stopping failed', error);
    return within(work, { deadline, clock: this.#clock, graceMs: GRACE_MS, report });
  }

  trouble(kind: string, id: string, what: string, error: unknown): void {
    this.#log.error(`A component failed: ${what}.`, {
      [kind]: id,
      error: error instanceof Error ? error.message : String(error),
    });
  }
}

export interface StopParts {
  readonly assembly: Assembly;
  readonly stopper: Stopper;
  readonly clock: Clock;
  readonly log: Log;
  /** What is absent was not started. */
  readonly deliveries: Deliveries | undefined;
  readonly control: Component | undefined;
  readonly journal: Journal | undefined;
  readonly storage: Part | undefined;
  /** The last moment at which the journal can be asked. */
  beforeJournal(): void;
}

/** Doors first, the journal after everything that uses it. */
export async function stopInOrder(
  parts: StopParts,
  { deadline, delayed }: { deadline: AbortSignal; delayed: boolean },
): Promise<void> {
  const { assembly, stopper, clock, log, deliveries, control, journal, storage } = parts;
  const stop = async (kind: Part['kind']) => {
    const some = assembly.parts.filter((part) => part.kind === kind);
    // Extensions need each other.
    if (kind === 'extension') for (const part of some) await stopper.part(part, deadline);
    else await Promise.all(some.map((part) => stopper.part(part, deadline)));
  };
  for (const { instance } of assembly.receivers) instance.beginShutdown?.();
  const delayMs = Math.max(0, ...assembly.receivers.map(({ instance }) => instance.shutdownDelayMs ?? 0));
  if (delayed && delayMs > 0) {
    log.info('Stopping: the doors stay open for a moment, so that load balancers notice.', { seconds: delayMs / 1000 });
    await delay(clock, delayMs, deadline);
  }
  await stop('receiver');
  await Promise.all(
    (deliveries?.stopping(deadline) ?? []).map(({ id, work }) => stopper.work('delivery', id, work, deadline)),
  );
  await stop('exporter');
  await stop('service');
  if (control) await stopper.work('service', 'commands', control.shutdown(deadline), deadline);
  if (journal) {
    parts.beforeJournal();
    await stopper.work('journal', 'file_storage', journal.close(), deadline);
  }
  await stop('extension');
  if (storage) await stopper.part(storage, deadline);
}
