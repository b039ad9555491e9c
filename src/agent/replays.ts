import type { Clock } from '../clock.ts';
import type { EntryFacts } from '../control/entry-facts.ts';
import {
  parseReplayName,
  type ReplayName,
  type ReplayPlan,
  readReplayMemo,
  replayTest,
} from '../control/replay-request.ts';
import { countIn } from '../control/replays.ts';
import { Delivery, type DeliveryOptions } from '../delivery/delivery.ts';
import type { Cursor, Journal } from '../journal/journal.ts';
import type { Log } from '../telemetry/log.ts';
import type { ReplayStatus } from '../telemetry/status.ts';
import { within } from './deadline.ts';
import type { Live } from './deliveries.ts';

const REMEMBERED = 10;
/** One whose exporter ignores the deadline is left behind after this. */
const GRACE_MS = 1000;

export interface RunningReplaysOptions {
  readonly journal: Journal;
  readonly facts: EntryFacts;
  readonly clock: Clock;
  readonly log: Log;
  /** The delivery of the present configuration beside which a replay runs. */
  live(parts: ReplayName): Live | undefined;
  /** What a delivery beside it is made of. */
  partsOf(live: Live, cursor: Cursor): DeliveryOptions;
}

interface RunningReplay extends ReplayName {
  readonly name: string;
  readonly plan: ReplayPlan;
  readonly delivery: Delivery;
  /** The delivery whose exporter and processors it has. */
  readonly beside: Delivery;
}

/** The replays beside the deliveries of the running configuration. */
export class RunningReplays {
  readonly #options: RunningReplaysOptions;
  readonly #running = new Map<string, RunningReplay>();
  /** The last ones that ended, for the ledger. */
  readonly #ended: ReplayStatus[] = [];
  /** Replays that ended and are being cleared away. */
  readonly #ending = new Set<Promise<void>>();

  constructor(options: RunningReplaysOptions) {
    this.#options = options;
  }

  /** Takes up the replays that the journal knows. Called once the doors are open: counting what they send takes its time. */
  async resume(): Promise<void> {
    const { journal, log } = this.#options;
    for (const { name, open } of journal.cursors()) {
      if (open || !parseReplayName(name)) continue;
      await this.start(name).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        log.error('A replay could not be taken up. It waits for the next start.', { name, reason });
      });
    }
  }

  /** Takes up a replay whose cursor is in the journal. One whose exporter or pipeline is gone waits like an orphan. */
  async start(name: string): Promise<void> {
    const { journal, log } = this.#options;
    const parts = parseReplayName(name);
    if (!parts || !this.#options.live(parts)) return;
    const cursor = await journal.openCursor(name);
    const plan = readReplayMemo(cursor.state);
    if (!plan) {
      await journal.closeCursor(name);
      await journal.forget(name);
      return;
    }
    const live = this.#options.live(parts);
    if (!live) {
      // The configuration has changed meanwhile.
      await journal.closeCursor(name);
      return;
    }
    const delivery = new Delivery(this.#optionsOf(live, cursor, plan, parts));
    this.#running.set(parts.id, { ...parts, name, plan, delivery, beside: live.delivery });
    log.info('A replay begins.', { replay: parts.id, exporter: parts.exporter, request: plan.asked });
    await delivery.start();
  }

  #optionsOf(live: Live, cursor: Cursor, plan: ReplayPlan, { id }: ReplayName): DeliveryOptions {
    const { journal, facts, log, partsOf } = this.#options;
    const spans = cursor.state.sources ?? [];
    return {
      ...partsOf(live, cursor),
      policy: {
        ...live.policy,
        maxInFlight: 1,
        // A second's worth at once.
        maxRecords: Math.min(live.policy.maxRecords, Math.max(1, Math.floor(plan.rate))),
      },
      sources: [...new Set(spans.map(({ source }) => source))],
      log: log.with({ replay: id }),
      replay: {
        end: plan.to,
        selects: replayTest(plan, facts.topicOf),
        count: (range) => countIn(journal, range, spans, plan, facts),
        mark: (record) => record.setAttribute('intercom.replay.id', id),
        rate: plan.rate,
        finished: () => this.#finished(id),
      },
    };
  }

  /**
   * The configuration has changed: those whose delivery is another one now, or gone, end where they are, and go on beside
   * the new one.
   * @param deadline of what they have under way
   */
  async follow(deadline: AbortSignal): Promise<void> {
    const { journal, live, clock, log } = this.#options;
    for (const replay of [...this.#running.values()]) {
      if (live(replay)?.delivery === replay.beside) continue;
      this.#running.delete(replay.id);
      await within(replay.delivery.halt(deadline), {
        ...{ deadline, clock, graceMs: GRACE_MS },
        report: (error) =>
          log.warn('A replay did not stop in an orderly way.', { replay: replay.id, error: String(error) }),
      });
      await journal.closeCursor(replay.name);
    }
    await this.resume();
  }

  /** Ends a replay before its time. False where there is none. */
  async cancel(id: string): Promise<boolean> {
    const replay = this.#running.get(id);
    if (!replay) return false;
    this.#running.delete(id);
    await this.#clearAway(replay, 'cancelled');
    return true;
  }

  statuses(): ReplayStatus[] {
    return [...this.#ended, ...[...this.#running.values()].map(statusOf)];
  }

  /** Each piece of stopping, for the agent to await with a deadline. */
  stopping(): { id: string; work: Promise<unknown> }[] {
    return [
      ...[...this.#running.values()].map(({ name, delivery }) => ({
        id: name,
        work: delivery.shutdown(AbortSignal.abort()),
      })),
      ...[...this.#ending].map((work) => ({ id: 'replay', work })),
    ];
  }

  #finished(id: string): void {
    const replay = this.#running.get(id);
    if (!replay) return;
    this.#running.delete(id);
    const work = this.#clearAway(replay, 'done').catch((error: unknown) =>
      this.#options.log.warn('A replay that is done could not be cleared away.', { replay: id, error: String(error) }),
    );
    this.#ending.add(work);
    void work.then(() => this.#ending.delete(work));
  }

  async #clearAway(replay: RunningReplay, how: 'done' | 'cancelled'): Promise<void> {
    const { journal, log } = this.#options;
    const { id, name, delivery } = replay;
    await delivery.shutdown(AbortSignal.abort());
    const status = statusOf(replay);
    const { delivered, rejected_by_backend, filtered, lost, pending } = status;
    this.#ended.push({ ...status, state: 'stopped', reason: how });
    if (this.#ended.length > REMEMBERED) this.#ended.shift();
    await journal.closeCursor(name);
    await journal.forget(name);
    log.info('A replay ended.', { replay: id, how, delivered, rejected_by_backend, filtered, lost, pending });
  }
}

function statusOf({ id, plan, delivery }: RunningReplay): ReplayStatus {
  return { id, request: plan.asked, ...delivery.status() };
}
