import type { Clock } from '../clock.ts';
import { isDeliveryName, partsOf } from '../control/delivery-names.ts';
import { Ledger, tallyOf } from '../delivery/ledger.ts';
import { regionsOf } from '../delivery/regions.ts';
import type { CursorState, Journal, NewEntry, Position, SourceSpan } from '../journal/journal.ts';
import type { Log } from '../telemetry/log.ts';
import type { DeliveryStatus } from '../telemetry/status.ts';

/** How often it is looked whether one has come of age. */
const INTERVAL_MS = 3600_000;

export interface OrphansOptions {
  readonly journal: Journal;
  /** 0: they are kept for ever. */
  readonly maxAgeMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

interface Known {
  readonly name: string;
  /** Since when nobody serves it; or, given up, nothing is kept for it. Milliseconds since the epoch. */
  readonly since: number;
  readonly retired: boolean;
  readonly state: CursorState;
  readonly spans: readonly SourceSpan[];
  readonly ledger: Ledger;
}

/**
 * Deliveries that are known to the journal and no longer configured. Their entries are kept for a while, in case the
 * exporter comes back; then they expire, so that they do not fill the disk for ever. Both are told. The counts stay in the
 * ledger until a person says `deliveries forget`.
 */
export class Orphans {
  readonly #options: OrphansOptions;
  #known: Known[] = [];
  /** Being counted, and not known yet. */
  #counting: Known[] = [];
  readonly #began: { readonly wall: number; readonly monotonic: number };
  #timer: { cancel(): void } | undefined;
  #stopped = false;

  constructor(options: OrphansOptions) {
    this.#options = options;
    this.#began = { wall: options.clock.now(), monotonic: options.clock.monotonic() };
  }

  /** Called once every cursor of the configuration is open. Trouble with it is told, and tried again later. */
  async start(): Promise<void> {
    await this.refresh();
    this.#tell(this.#known);
  }

  /** The configuration has changed: these are no longer in it, and others may have come back. As `start`. */
  async left(names: readonly string[]): Promise<void> {
    await this.refresh();
    this.#tell(this.#known.filter(({ name }) => names.includes(name)));
  }

  #tell(orphans: readonly Known[]): void {
    for (const { name, since, retired, ledger } of orphans) {
      if (retired) continue;
      const fields = { delivery: name, pending: ledger.pending, until: this.#endOf(since) };
      this.#options.log.warn('A delivery is no longer in the configuration. Its entries are kept for a while.', fields);
    }
  }

  /**
   * The journal is full: the orphan that keeps most is given up, for otherwise nobody's entries could be stored. Resolves
   * to false where there is none.
   */
  async makeRoom(blocking: readonly string[]): Promise<boolean> {
    const [oldest] = this.#known
      .filter(({ name, retired }) => !retired && blocking.includes(name))
      .sort((a, b) => a.state.cursor - b.state.cursor);
    if (!oldest) return false;
    await this.#giveUp(oldest, 'the journal is full');
    await this.refresh();
    return true;
  }

  /** An entry was stored: an orphan answers for it as well, for it may come back. */
  arrived(position: Position, { source, records }: NewEntry): void {
    for (const { retired, spans, ledger } of [...this.#known, ...this.#counting]) {
      if (!retired && spans.some((span) => span.source === source && span.before === undefined))
        ledger.arrived(position, records);
    }
  }

  statuses(): DeliveryStatus[] {
    return this.#known
      .filter(({ name }) => isDeliveryName(name))
      .map(({ name, since, retired, ledger }) => ({
        ...partsOf(name),
        state: 'orphaned',
        reason: retired
          ? `no longer configured; what it had not sent was given up at ${new Date(since).toISOString()}`
          : `no longer configured; its entries are kept until ${this.#endOf(since)}`,
        ...ledger.figures(),
        oldest_pending_seconds: 0,
        last_rejection: null,
        in_flight: 0,
        send_failed: 0,
      }));
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Looks again: commands have renamed or forgotten one, or an hour has passed. */
  async refresh(): Promise<void> {
    this.#timer?.cancel();
    try {
      await this.#look();
    } catch (error) {
      const fields = { error: error instanceof Error ? error.message : String(error) };
      this.#options.log.warn('Deliveries that left the configuration could not be looked after.', fields);
    }
    if (!this.#stopped) this.#timer = this.#options.clock.schedule(INTERVAL_MS, () => void this.refresh());
  }

  async #look(): Promise<void> {
    const { journal, maxAgeMs } = this.#options;
    for (const { name, since, state } of await journal.orphans()) {
      if (maxAgeMs === 0 || this.#ageOf(since) < maxAgeMs) continue;
      await this.#giveUp(await this.#knownOf(name, since, state), 'its time is over');
    }
    this.#counting = [];
    const known: Known[] = [];
    for (const { name, state, open } of journal.cursors()) {
      const since = state.retiredAt ?? state.orphanedAt;
      if (!open && since !== undefined) known.push(await this.#knownOf(name, since, state));
    }
    this.#known = known;
    this.#counting = [];
  }

  /** Of one found by this process at most as long as it runs: a clock that was set right meanwhile makes nobody old. */
  #ageOf(since: number): number {
    const { clock } = this.#options;
    const age = clock.now() - since;
    return since >= this.#began.wall ? Math.min(age, clock.monotonic() - this.#began.monotonic) : age;
  }

  async #knownOf(name: string, since: number, state: CursorState): Promise<Known> {
    const { journal } = this.#options;
    const retired = state.retiredAt !== undefined;
    const spans = state.sources ?? [];
    const ledger = new Ledger(state.counts);
    this.#counting.push({ name, since, retired, state, spans, ledger });
    if (!retired) await ledger.recount(journal.status().next, regionsOf(state), tallyOf(journal, spans));
    return { name, since, retired, state, spans, ledger };
  }

  async #giveUp({ name, since, state, ledger }: Known, why: string): Promise<void> {
    const { journal, log } = this.#options;
    const { pending } = ledger;
    const counts = ledger.snapshot();
    await journal.retire(name, { ...counts, expired: (counts.expired ?? 0) + pending });
    log.error('A delivery that left the configuration is given up: what only it had not sent is no longer kept.', {
      delivery: name,
      why,
      orphaned_since: new Date(since).toISOString(),
      undelivered_from: state.cursor,
      records: pending,
    });
  }

  #endOf(since: number): string {
    const { maxAgeMs } = this.#options;
    return maxAgeMs === 0 ? 'it comes back' : new Date(since + maxAgeMs).toISOString();
  }
}
