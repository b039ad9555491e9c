import type { Clock } from '../clock.ts';
import { isDeliveryName, isOfDelivery } from '../control/delivery-names.ts';
import type { EntryFacts } from '../control/entry-facts.ts';
import { LetterOperations } from '../control/letters.ts';
import { countMatches } from '../control/mentions.ts';
import {
  type Ledger,
  type Letter,
  type LetterDetails,
  type LetterFilter,
  OperationError,
  type Operations,
  type ReplayAnswer,
  type ReplayRequest,
} from '../control/operations.ts';
import { pendingOf } from '../control/pending.ts';
import { parseReplayName, replayName } from '../control/replay-request.ts';
import { createReplays } from '../control/replays.ts';
import { skipPending } from '../control/skipping.ts';
import type { TapLine, TapRequest } from '../control/taps.ts';
import type { CursorInfo, Journal } from '../journal/journal.ts';
import type { AgentStatus } from '../telemetry/status.ts';
import type { Deliveries, Live } from './deliveries.ts';
import type { Orphans } from './orphans.ts';
import type { Taps } from './taps.ts';

export interface AgentOperationsOptions {
  readonly journal: Journal;
  readonly deliveries: Deliveries;
  readonly orphans: Orphans;
  readonly taps: Taps;
  readonly facts: EntryFacts;
  readonly clock: Clock;
  readonly random: () => number;
  status(): AgentStatus;
  /** Closes the doors. */
  drain(): Promise<void>;
}

/** What commands ask of this agent while it runs. */
export class AgentOperations implements Operations {
  readonly #options: AgentOperationsOptions;
  readonly #letters: LetterOperations;

  constructor(options: AgentOperationsOptions) {
    this.#options = options;
    this.#letters = new LetterOperations(options.journal.deadLetters, options.facts);
  }

  async ledger(): Promise<Ledger> {
    const { accepted, duplicates, refused, deliveries, replays, dead_letters, journal, degraded } =
      this.#options.status();
    return { accepted, duplicates, refused, deliveries, replays, dead_letters, journal, degraded };
  }

  letters(filter: LetterFilter): Promise<Letter[]> {
    return this.#letters.list(filter);
  }

  letterDetails(filter: LetterFilter): AsyncIterable<LetterDetails> {
    return this.#letters.details(filter);
  }

  async retryLetters(filter: LetterFilter): Promise<{ letters: number; left: number }> {
    const { journal, deliveries } = this.#options;
    const known = new Set(journal.cursors().map(({ name }) => name));
    try {
      const { letters, left } = await this.#letters.retry(filter, (name) => known.has(name));
      return { letters, left };
    } finally {
      // Also those that were marked before something failed.
      for (const { delivery } of deliveries.live) delivery.recalled();
    }
  }

  async discardLetters(filter: LetterFilter): Promise<{ letters: number }> {
    return { letters: (await this.#letters.discard(filter)).length };
  }

  async replay(request: ReplayRequest): Promise<ReplayAnswer[]> {
    const { journal, facts, random, deliveries } = this.#options;
    const targets = deliveries.live.filter(({ name }) => isOfDelivery(name, request.exporter));
    if (targets.length === 0) throw this.#unknown(request.exporter);
    const answers = await createReplays(
      { journal, facts, random },
      targets.map(({ pipeline, exporter, cursor }) => ({ pipeline: pipeline.id, exporter, state: cursor.state })),
      request,
    );
    for (const { id, pipeline, exporter } of answers)
      if (id !== null) await deliveries.replays.start(replayName({ id, pipeline, exporter }));
    return answers;
  }

  async cancelReplay(id: string): Promise<void> {
    const { deliveries, journal } = this.#options;
    if (await deliveries.replays.cancel(id)) return;
    // One whose exporter has left the configuration waits in the journal.
    const waiting = journal.cursors().find(({ name, open }) => !open && parseReplayName(name)?.id === id);
    if (!waiting) throw new OperationError(`There is no replay ${JSON.stringify(id)}. \`replay list\` shows them.`);
    await journal.forget(waiting.name);
  }

  async renameDelivery(from: string, to: string): Promise<void> {
    if (!isDeliveryName(to)) {
      throw new OperationError(
        `${JSON.stringify(to)} is no name of a delivery: expected "pipeline exporter", such as "logs coralogix".`,
      );
    }
    const { name } = this.#orphan(from);
    const { journal, orphans } = this.#options;
    if (journal.cursors().some((cursor) => cursor.name === to)) {
      throw new OperationError(
        `There is a delivery "${to}" already, with counts of its own: stop the agent before it begins, rename, then add the exporter; or \`deliveries forget\` an orphan of that name.`,
      );
    }
    await journal.rename(name, to);
    await orphans.refresh();
  }

  async forgetDelivery(name: string): Promise<{ undelivered: number }> {
    const { journal, orphans } = this.#options;
    const found = this.#orphan(name);
    const { records } = await pendingOf(journal, found, journal.deadLetters.list());
    await journal.forget(name);
    await orphans.refresh();
    return { undelivered: records };
  }

  async skipDelivery(name: string, { discard }: { discard: boolean }): Promise<{ records: number }> {
    const { journal, clock, orphans } = this.#options;
    const live = this.#live(name);
    if (live) {
      const { pending } = live.delivery.status();
      const cause = { kind: 'skipped', summary: 'skipped by hand' } as const;
      live.delivery.giveUp(journal.status().next, discard ? { kind: 'expire' } : { kind: 'letter', cause });
      return { records: pending };
    }
    const found = this.#orphan(name);
    if (found.state.retiredAt !== undefined) return { records: 0 };
    const records = await skipPending({ journal, clock }, found, { discard });
    await orphans.refresh();
    return { records };
  }

  async erase(person: string, { dry_run }: { dry_run: boolean }): Promise<{ entries: number; letters: number }> {
    const { journal, facts } = this.#options;
    const matches = (entry: Parameters<EntryFacts['mentions']>[0]) => facts.mentions(entry, person);
    return dry_run ? countMatches(journal, matches) : journal.erase(matches);
  }

  tap(request: TapRequest, gone: AbortSignal): AsyncIterable<TapLine> {
    return this.#options.taps.open(request, gone);
  }

  async drain(): Promise<{ pending: number }> {
    await this.#options.drain();
    return { pending: this.#options.deliveries.statuses().reduce((sum, { pending }) => sum + pending, 0) };
  }

  #live(name: string): Live | undefined {
    return this.#options.deliveries.live.find((live) => live.name === name);
  }

  /** @throws {OperationError} where there is none of this name, or where it is at work */
  #orphan(name: string): CursorInfo {
    const found = this.#options.journal.cursors().find((cursor) => cursor.name === name && isDeliveryName(name));
    if (!found) throw this.#unknown(name);
    if (found.open) {
      throw new OperationError(
        `"${name}" is in the running configuration. Only a delivery that has left it can be renamed or forgotten; \`deliveries skip\` settles what is pending.`,
      );
    }
    return found;
  }

  #unknown(name: string): OperationError {
    const names = this.#options.journal
      .cursors()
      .filter((cursor) => isDeliveryName(cursor.name))
      .map((cursor) => `"${cursor.name}"`)
      .join(', ');
    return new OperationError(`There is no delivery ${JSON.stringify(name)}. There are: ${names}.`);
  }
}
