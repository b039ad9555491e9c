import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Component } from '../component.ts';
import { httpServer } from '../config/blocks/http.ts';
import type { MetricsReader } from '../config/model.ts';
import type { Doorway } from '../net/doors.ts';
import { HttpServer } from '../net/server.ts';
import type { Log } from '../telemetry/log.ts';
import type { MetricFamily } from '../telemetry/metrics/model.ts';
import { CONTENT_TYPE, prometheusText } from '../telemetry/metrics/prometheus.ts';

/** Scrapers are few. */
const MAX_CONNECTIONS = 64;
const serverConfig = z.strictObject(httpServer({ endpoint: 'localhost:8888', maxRequestBodySize: '0' }));

export interface MetricsServerOptions {
  readonly readers: readonly MetricsReader[];
  readonly clock: Clock;
  readonly log: Log;
  readonly doorway?: Doorway;
  /** The present figures: called for each scrape, also while the agent starts and stops. */
  families(): readonly MetricFamily[];
}

/** Answers `GET /metrics` in Prometheus's text format, at the address of each reader. */
export class MetricsServer implements Component {
  readonly #options: MetricsServerOptions;
  readonly #servers: HttpServer[] = [];

  constructor(options: MetricsServerOptions) {
    this.#options = options;
  }

  /**
   * An address that somebody wrote must work: the rejection names its place in the configuration. The default one may be
   * taken, by a Collector beside this agent for example: that is told, and the agent goes on without.
   */
  async start(): Promise<void> {
    for (const reader of this.#options.readers) {
      try {
        await this.#serve(reader.endpoint);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (reader.path !== undefined) {
          await this.shutdown(AbortSignal.abort());
          throw new Error(`${reader.path}: ${reason}`, { cause: error });
        }
        this.#options.log.warn('Metrics are not served: the default address can not be had. A Collector beside us?', {
          reason,
          hint: 'choose another one: service::telemetry::metrics: { readers: [{ pull: { exporter: { prometheus: { host: localhost, port: 8889 } } } }] }, or switch them off: { level: none }',
        });
      }
    }
  }

  /** Where it listens. */
  get addresses(): { address: string; port: number }[] {
    return this.#servers.flatMap((server) => server.address ?? []);
  }

  async shutdown(deadline: AbortSignal): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.shutdown(deadline)));
  }

  async #serve(endpoint: string): Promise<void> {
    const { clock, log, doorway } = this.#options;
    const config = serverConfig.parse({ endpoint });
    const server = await HttpServer.create({
      ...{ config, clock, maxConnections: MAX_CONNECTIONS },
      ...(doorway && { doorway }),
    });
    this.#servers.push(server);
    server.app.route({
      method: ['GET', 'HEAD'],
      url: '/metrics',
      handler: (_request, reply) =>
        reply
          .header('content-type', CONTENT_TYPE)
          .header('cache-control', 'no-store')
          .send(prometheusText(this.#options.families())),
    });
    server.app.setNotFoundHandler((_request, reply) => reply.code(404).send());
    server.app.setErrorHandler((error, _request, reply) => {
      log.error('BUG: The metrics could not be written.', { error: String(error) });
      return reply.code(500).send();
    });
    const { address, port } = await server.listen();
    log.info('The metrics page listens.', { address, port, path: '/metrics' });
  }
}
