import type { Extension, ExtensionContext } from '../../component.ts';
import { HttpServer } from '../../net/server.ts';
import type { AgentStatus } from '../../telemetry/status.ts';
import type { HealthCheckConfig } from './config.ts';

/**
 * Answers orchestrators. The status code speaks of the door only: 503 while the agent starts or stops, else 200, also
 * while a delivery is held or the journal is full, because a restart would turn a backend's outage into loss. What a
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
    const server = await HttpServer.create({ config: this.#config, clock: this.#context.clock });
    this.#server = server;
    server.app.route({
      method: ['GET', 'HEAD'],
      url: this.#config.path,
      handler: (_request, reply) => {
        const status = this.#context.status();
        return reply
          .code(status.phase === 'running' ? 200 : 503)
          .header('content-type', 'application/json; charset=utf-8')
          .header('cache-control', 'no-store')
          .send(`${JSON.stringify(healthBody(status, this.#context.clock.now()))}\n`);
      },
    });
    server.app.setNotFoundHandler((_request, reply) => reply.code(404).send());
    const { address, port } = await server.listen();
    this.#context.log.info('The health page listens.', { address, port, path: this.#config.path });
  }

  async shutdown(deadline: AbortSignal): Promise<void> {
    await this.#server?.shutdown(deadline);
  }
}

const PHASES = {
  starting: 'Server not available',
  running: 'Server available',
  stopping: 'Server not available',
  stopped: 'Server not available',
} as const;

/** The body, with the Collector's `status`, `upSince` and `uptime` first. */
export function healthBody(status: AgentStatus, now: number) {
  return {
    status: PHASES[status.phase],
    upSince: new Date(status.startedAt).toISOString(),
    uptime: `${Math.floor((now - status.startedAt) / 1000)}s`,
    phase: status.phase,
    version: status.version,
    degraded: status.degraded.length > 0,
    reasons: status.degraded,
    accepted: status.accepted,
    duplicates: status.duplicates,
    refused: status.refused,
    journal: status.journal,
    deliveries: status.deliveries,
  };
}
