/**
 * One reload: from the running configuration to another one.
 *
 * What may fail comes first, beside what runs: new and changed components are made and started, cursors are opened, doors
 * are bound. A failure undoes that, and nothing has happened. What follows can't fail: deliveries that change go on with
 * their cursors, then every door has its new tenant at the same moment, then what left is stopped, receivers first. A
 * delivery answers for the receivers of both configurations until the doors of the old one are closed.
 */
import { type Clock, delay } from '../clock.ts';
import type { Receiver } from '../component.ts';
import type { AgentConfig, TelemetryConfig } from '../config/model.ts';
import type { Doors } from '../net/doors.ts';
import type { IntakeCounts } from '../telemetry/intake.ts';
import type { Log } from '../telemetry/log.ts';
import { type Assembly, METRICS, type Part } from './assembly.ts';
import type { Deliveries } from './deliveries.ts';
import type { Orphans } from './orphans.ts';
import { changesNothing, idsOf, type Plan, planReload } from './plan.ts';

/** For what is in flight at a delivery that changes. What is cut is sent again. */
const HALT_MS = 10_000;
/** For requests in flight at a receiver that changes or leaves: longer than any of them takes. */
const DOOR_MS = 60_000;

export interface ReloadParts {
  readonly deliveries: Deliveries;
  readonly orphans: Orphans;
  readonly doors: Doors;
  readonly intake: IntakeCounts;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the agent is told to stop: what has not been switched yet is not. */
  readonly stopping: AbortSignal;
  /** Aborts when there is no more time to stop in. */
  readonly cut: AbortSignal;
  /** An assembly that follows the one that runs. */
  assembly(config: AgentConfig, plan: Plan): Assembly;
  /** It is the agent's from now on. */
  adopt(assembly: Assembly): void;
  /** The agent's own log lines are others from now on. */
  onTelemetry(telemetry: TelemetryConfig): void;
  /** Stops a component with a deadline. Never rejects. */
  stop(part: Part, deadline: AbortSignal): Promise<void>;
}

/**
 * Resolves when all of it is done, with the plan that was followed.
 * @throws {Error} for people; then the configuration of before runs, untouched
 */
export async function reload(before: Assembly, config: AgentConfig, parts: ReloadParts): Promise<Plan> {
  const plan = planReload(before.config, config);
  if (plan.storage) throw new Error(STORAGE);
  if (plan.dedup) parts.log.warn(DEDUP);
  if (changesNothing(plan)) return plan;
  const after = parts.assembly(config, plan);
  await prepare(before, after, plan, parts);
  await change(before, after, plan, parts);
  return plan;
}

const STORAGE =
  'the storage (file_storage: its directory or its limits) can not change while the agent runs: restart it, or put the old settings back';
const DEDUP = 'The settings of dedup have changed. They take effect when the agent is restarted.';

async function prepare(before: Assembly, after: Assembly, plan: Plan, parts: ReloadParts): Promise<void> {
  const { doors, deliveries, stopping, cut, clock, stop } = parts;
  const steps = [
    () => after.startExtensions(),
    () => after.startExporters(),
    () => after.startMetrics(),
    () => after.startReceivers(),
    () => deliveries.prepare({ config: after.config, exporters: after.exporters, contextOf: after.contextOf }, plan),
  ];
  doors.prepare(new Set(before.leftBy(after).map(ownerOf)));
  try {
    for (const step of steps) {
      if (stopping.aborted) throw new Error('the agent stops');
      await step();
    }
    if (stopping.aborted) throw new Error('the agent stops');
  } catch (error) {
    doors.cancel();
    await deliveries.cancel().catch((trouble: unknown) => {
      parts.log.error('A reload that failed could not be taken back entirely: restart the agent.', {
        reason: trouble instanceof Error ? trouble.message : String(trouble),
      });
    });
    const deadline = deadlineIn(HALT_MS, clock, cut);
    await after.discard((part) => stop(part, deadline.signal));
    deadline.done();
    throw error;
  }
}

async function change(before: Assembly, after: Assembly, plan: Plan, parts: ReloadParts): Promise<void> {
  const { deliveries, doors, intake, clock, log, stopping, cut } = parts;
  const setup = { config: after.config, exporters: after.exporters, contextOf: after.contextOf };
  const halt = deadlineIn(HALT_MS, clock, cut);
  await deliveries.change(setup, plan, { deadline: halt.signal, stopping });
  halt.done();
  const abandoned = doors.commit();
  parts.adopt(after);
  for (const { kind, id, change } of plan.components) if (kind === 'receiver' && change !== 'kept') intake.watch(id);
  if (plan.logs) tell(parts, after.config.service.telemetry);
  log.info('The new configuration is in force.', summary(plan));
  await clearAway(before, after, plan, { abandoned, parts });
}

/** What left is stopped, and what depends on that is done. The configuration is in force whatever becomes of it: never rejects. */
async function clearAway(
  before: Assembly,
  after: Assembly,
  plan: Plan,
  { abandoned, parts }: { abandoned: ReadonlySet<string>; parts: ReloadParts },
): Promise<void> {
  const { deliveries, orphans, clock, log, cut, stop } = parts;
  const attempt = (what: string, work: Promise<void>) =>
    work.catch((error: unknown) => log.error(what, { reason: error instanceof Error ? error.message : String(error) }));
  const left = before.leftBy(after);
  await orphans.left(plan.deliveries.filter(({ change }) => change === 'removed').map(({ name }) => name));
  await closeDoors(left, abandoned, parts);
  if (plan.receiversMoved) {
    const what = 'Which receivers a delivery answers for could not be saved yet; it is saved with its next progress.';
    await attempt(what, deliveries.narrow());
  }
  const deadline = deadlineIn(HALT_MS, clock, cut);
  await attempt(
    'Replays could not be taken up. They wait for the next start.',
    deliveries.replays.follow(deadline.signal),
  );
  for (const part of left) if (!isReceiver(part)) await stop(part, deadline.signal);
  deadline.done();
}

/**
 * Receivers that were followed at their doors end with the requests that they have. Those that leave a door go on there for as
 * long as load balancers need to notice, as at a stop.
 */
async function closeDoors(
  left: readonly Part[],
  abandoned: ReadonlySet<string>,
  { stop, clock, cut, stopping }: ReloadParts,
): Promise<void> {
  const deadline = deadlineIn(DOOR_MS, clock, cut);
  await Promise.all(
    left.filter(isReceiver).map(async (part) => {
      part.instance.beginShutdown?.();
      if (abandoned.has(ownerOf(part))) await delay(clock, part.instance.shutdownDelayMs ?? 0, stopping);
      await stop(part, deadline.signal);
    }),
  );
  deadline.done();
}

const isReceiver = (part: Part): part is Part<Receiver> => part.kind === 'receiver';

/** The events matter more than the talk about them: the configuration is in force all the same. */
function tell({ onTelemetry, log }: ReloadParts, telemetry: TelemetryConfig): void {
  try {
    onTelemetry(telemetry);
  } catch (error) {
    log.error('The settings of service::telemetry::logs could not be applied.', {
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}

/** As `Assembly` gives it to `Doors.of`. */
function ownerOf({ kind, id }: Part): string {
  return kind === 'service' ? METRICS : `${kind} ${id}`;
}

/** Aborts after a while, or with `cut`. `done` lets go of both. */
function deadlineIn(ms: number, clock: Clock, cut: AbortSignal): { signal: AbortSignal; done(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (cut.aborted) abort();
  cut.addEventListener('abort', abort, { once: true });
  const timer = clock.schedule(ms, abort);
  return {
    signal: controller.signal,
    done() {
      timer.cancel();
      cut.removeEventListener('abort', abort);
    },
  };
}

/** Of a log line. */
export function summary(plan: Plan): Record<string, number | readonly string[] | undefined> {
  const some = (ids: readonly string[]) => (ids.length > 0 ? ids : undefined);
  const service = [...(plan.logs ? ['service telemetry logs'] : []), ...(plan.metrics ? ['service metrics'] : [])];
  return {
    added: some(idsOf(plan, 'added')),
    changed: some([...idsOf(plan, 'changed'), ...service]),
    removed: some(idsOf(plan, 'removed')),
    kept: idsOf(plan, 'kept').length,
    deliveries_changed: some(
      plan.deliveries.filter(({ change }) => change !== 'kept').map(({ name, change }) => `${name} (${change})`),
    ),
  };
}
