import type { Extension, ExtensionContext } from '../../component.ts';
import { HttpServer } from '../../net/server.ts';
import type { AgentStatus, DeliveryStatus } from '../../telemetry/status.ts';
import type { HealthCheckConfig } from './config.ts';

/**
 * Answers orchestrators. The status code speaks of the door only: 503 while the agent starts, drains or stops, else 200,
 * also while a delivery is held or the journal is full, because a restart would turn a backend's outage into loss. What a
 * person should know stands in the body.
 */
export class HealthCheck implements Extension {
  readonly #config: HealthCheckConfig;
  readonly #context: ExtensionContext;
  #server: HttpServer | undefined;

  constructor(config: HealthCheckConfig, context: ExtensionContext) {
    this.#config = config;
    this.#context = context;
  }

  async start(): Promise<void> {
    const { clock, log, authenticators, doorway } = this.#context;
    const { auth } = this.#config;
    const server = await HttpServer.create({
      ...{ config: this.#config, clock, log, ...(doorway && { doorway }) },
      auth: auth && authenticators.server(auth.authenticator),
    });
    this.#server = server;
    server.app.route({
      method: ['GET', 'HEAD'],
      url: this.#config.path,
      handler: (_request, reply) => {
        const status = this.#context.status();
        const healthy = status.phase === 'running';
        const { type, text } = this.#body(status, healthy);
        return reply
          .code(healthy ? 200 : 503)
          .header('content-type', `${type}; charset=utf-8`)
          .header('cache-control', 'no-store')
          .send(text);
      },
    });
    server.app.setNotFoundHandler((_request, reply) => reply.code(404).send());
    const { address, port } = await server.listen();
    this.#context.log.info('The health page listens.', { address, port, path: this.#config.path });
  }

  #body(status: AgentStatus, healthy: boolean): { type: string; text: string } {
    const { response_body: own } = this.#config;
    if (own) return { type: 'text/plain', text: healthy ? own.healthy : own.unhealthy };
    return { type: 'application/json', text: `${JSON.stringify(healthBody(status, this.#context.clock.now()))}\n` };
  }

  async shutdown(deadline: AbortSignal): Promise<void> {
    await this.#server?.shutdown(deadline);
  }
}

const PHASES: Readonly<Record<AgentStatus['phase'], string>> = {
  starting: 'Server not available',
  running: 'Server available',
  draining: 'Server not available',
  stopping: 'Server not available',
  stopped: 'Server not available',
};

/** So many elements of each list are in the body; the ledger has all of them. */
const MAX_LISTED = 50;
/** Characters of a text that may come from outside. */
const MAX_TEXT = 500;

/**
 * The body, with the Collector's `status`, `upSince` and `uptime` first. It is bounded: of long lists it has the first
 * elements, those in trouble before the others, and under `omitted` how many more there are.
 */
export function healthBody(status: AgentStatus, now: number) {
  const omitted: Record<string, number> = {};
  const listed = <T>(name: string, list: readonly T[]): readonly T[] => {
    if (list.length > MAX_LISTED) omitted[name] = list.length - MAX_LISTED;
    return list.slice(0, MAX_LISTED);
  };
  const body = {
    status: PHASES[status.phase],
    upSince: new Date(status.startedAt).toISOString(),
    uptime: `${Math.floor((now - status.startedAt) / 1000)}s`,
    phase: status.phase,
    version: status.version,
    degraded: status.degraded.length > 0,
    reasons: listed('reasons', status.degraded).map(clipped),
    accepted: status.accepted,
    duplicates: status.duplicates,
    refused: status.refused,
    journal: { ...status.journal, notes: listed('notes', status.journal.notes).map(clipped) },
    dead_letters: status.dead_letters,
    deliveries: listed('deliveries', troubledFirst(status.deliveries)).map(brief),
    replays: listed('replays', troubledFirst(status.replays)).map((replay) => ({
      ...brief(replay),
      request: clipped(replay.request),
    })),
    reloads: briefReloads(status.reloads),
  };
  return Object.keys(omitted).length > 0 ? { ...body, omitted } : body;
}

function briefReloads({ succeeded, failed, last_success: last, failure }: AgentStatus['reloads']) {
  const time = (at: number) => new Date(at).toISOString();
  return {
    ...{ succeeded, failed, last_success: last === null ? null : time(last) },
    failure: failure && { at: time(failure.at), reason: clipped(failure.reason) },
  };
}

/** In their own order where all of them are shown. */
function troubledFirst<T extends DeliveryStatus>(list: readonly T[]): readonly T[] {
  if (list.length <= MAX_LISTED) return list;
  return list.toSorted((a, b) => Number(a.state === 'running') - Number(b.state === 'running'));
}

function brief<T extends DeliveryStatus>(delivery: T): T {
  const { reason, last_rejection: rejection } = delivery;
  return { ...delivery, reason: reason && clipped(reason), last_rejection: rejection && clipped(rejection) };
}

const clipped = (text: string) => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
