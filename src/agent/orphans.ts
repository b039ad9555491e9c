import type { Clock } from '../clock.ts';
import type { Journal, Orphan } from '../journal/journal.ts';
import type { Log } from '../telemetry/log.ts';

/** How often it is looked whether one has come of age. */
const INTERVAL_MS = 3600_000;

/**
 * Deliveries that are known to the journal and no longer configured. Their entries are kept for a while, in case the
 * exporter comes back; then the delivery is forgotten, so that it does not fill the disk for ever. Both are told.
 */
export class Orphans {
  readonly #options: { journal: Journal; maxAgeMs: number; clock: Clock; log: Log };
  #known: readonly Orphan[] = [];
  #timer: { cancel(): void } | undefined;
  #stopped = false;

  constructor(options: { journal: Journal; maxAgeMs: number; clock: Clock; log: Log }) {
    this.#options = options;
  }

  /** Called once every cursor of the configuration is open. */
  async start(): Promise<void> {
    await this.#look();
    for (const { name, since } of this.#known) {
      this.#options.log.warn('A delivery is no longer in the configuration. Its entries are kept for a while.', {
        delivery: name,
        until: this.#endOf(since),
      });
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** For the health page: one sentence each. */
  get reasons(): string[] {
    return this.#known.map(
      ({ name, since }) => `delivery ${name} is no longer configured; its entries are kept until ${this.#endOf(since)}`,
    );
  }

  #endOf(since: number): string {
    return new Date(since + this.#options.maxAgeMs).toISOString();
  }

  async #look(): Promise<void> {
    const { journal, maxAgeMs, clock, log } = this.#options;
    const kept: Orphan[] = [];
    for (const orphan of await journal.orphans()) {
      if (clock.now() - orphan.since < maxAgeMs) {
        kept.push(orphan);
        continue;
      }
      await journal.forget(orphan.name);
      log.error(
        'A delivery that left the configuration is given up. Entries that only it had not delivered are no longer kept.',
        {
          delivery: orphan.name,
          since: new Date(orphan.since).toISOString(),
          undelivered_from: orphan.state.cursor,
          entries: journal.status().next - orphan.state.cursor,
        },
      );
    }
    this.#known = kept;
    if (kept.length > 0 && !this.#stopped) this.#timer = clock.schedule(INTERVAL_MS, () => void this.#lookAgain());
  }

  async #lookAgain(): Promise<void> {
    await this.#look().catch((error: unknown) => {
      this.#options.log.warn('Deliveries that left the configuration could not be looked after.', {
        error: String(error),
      });
    });
  }
}
