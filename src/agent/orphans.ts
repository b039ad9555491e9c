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

  /** Called once every cursor of the configuration is open. Trouble with it is told, and tried again later. */
  async start(): Promise<void> {
    await this.#look();
    for (const { name, since } of this.#known) {
      this.#options.log.warn('A delivery is no longer in the configuration. Its entries are kept for a while.', {
        delivery: name,
        until: this.#endOf(since),
      });
    }
  }

  /**
   * The journal is full: the orphan that keeps most is given up, for otherwise nobody's entries could be stored. Resolves
   * to false where there is none.
   */
  async makeRoom(): Promise<boolean> {
    const [oldest] = [...this.#known].sort((a, b) => a.state.cursor - b.state.cursor);
    if (!oldest) return false;
    this.#known = this.#known.filter((orphan) => orphan !== oldest);
    await this.#giveUp(oldest, 'the journal is full');
    return true;
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
    const { maxAgeMs } = this.#options;
    return maxAgeMs === 0 ? 'it comes back' : new Date(since + maxAgeMs).toISOString();
  }

  async #look(): Promise<void> {
    const { journal, maxAgeMs, clock, log } = this.#options;
    try {
      const kept: Orphan[] = [];
      for (const orphan of await journal.orphans()) {
        if (maxAgeMs === 0 || clock.now() - orphan.since < maxAgeMs) kept.push(orphan);
        else await this.#giveUp(orphan, 'its time is over');
      }
      this.#known = kept;
    } catch (error) {
      log.warn('Deliveries that left the configuration could not be looked after.', { error: String(error) });
    }
    if (!this.#stopped) this.#timer = clock.schedule(INTERVAL_MS, () => void this.#look());
  }

  async #giveUp({ name, since, state }: Orphan, why: string): Promise<void> {
    const { journal, log } = this.#options;
    await journal.forget(name);
    log.error(
      'A delivery that left the configuration is given up. Entries that only it had not delivered are no longer kept.',
      {
        delivery: name,
        why,
        orphaned_since: new Date(since).toISOString(),
        undelivered_from: state.cursor,
        entries: journal.status().next - state.cursor,
      },
    );
  }
}
