import { z } from 'zod';
import type { Clock, Timer } from '../clock.ts';
import type { Component } from '../component.ts';
import { httpClient } from '../config/blocks/http.ts';
import type { OtlpTarget, PeriodicReader } from '../config/model.ts';
import { Seldom } from '../delivery/seldom.ts';
import { createHttpClient, type HttpClient } from '../net/client.ts';
import { RequestError } from '../net/client-error.ts';
import { compress, contentEncoding } from '../net/compression.ts';
import type { Environment } from '../net/proxy.ts';
import type { Log } from '../telemetry/log.ts';
import { Deltas } from '../telemetry/metrics/delta.ts';
import type { MetricFamily } from '../telemetry/metrics/model.ts';
import { resourceMetrics, SERIALIZERS } from '../telemetry/metrics/otlp.ts';
import type { OwnResource } from '../telemetry/resource.ts';

/** For what is under way and the last report, when the agent stops: others wait for it. */
const LAST_REPORT_MS = 5000;

const clientConfig = z.strictObject(httpClient({ timeout: '10s', compression: 'none' }));

export interface PeriodicMetricsOptions {
  readonly reader: PeriodicReader;
  readonly resource: OwnResource;
  readonly version: string;
  /** Start of the agent, milliseconds since the epoch. */
  readonly startedAt: number;
  readonly clock: Clock;
  readonly log: Log;
  /** The present figures. */
  families(): readonly MetricFamily[];
  /** Read for proxies only. Default: the process's. */
  readonly environment?: Environment;
  /** Takes the reports of a reader without a backend, a line each. Default: stdout. */
  write?(line: string): void;
}

/** All readers of a configuration as one component: when the agent stops, no backend waits for another one's last report. */
export function periodicMetrics(
  readers: readonly PeriodicReader[],
  options: Omit<PeriodicMetricsOptions, 'reader'>,
): Component {
  const all = readers.map((reader) => new PeriodicMetrics({ ...options, reader }));
  return {
    async start() {
      await Promise.all(all.map((one) => one.start()));
    },
    async shutdown(deadline) {
      await Promise.all(all.map((one) => one.shutdown(deadline)));
    },
  };
}

/**
 * Sends the agent's metrics at an interval, and once more when the agent stops. One report at a time: one that is late makes
 * the next one wait for its turn. What could not be sent is told seldom and not kept, for the next report says it again:
 * totals are totals, and a delta is counted from the last report that arrived.
 */
export class PeriodicMetrics implements Component {
  readonly #options: PeriodicMetricsOptions;
  readonly #deltas: Deltas;
  readonly #isDelta: (family: MetricFamily) => boolean;
  readonly #failures: Seldom;
  readonly #rejections: Seldom;
  readonly #client: HttpClient | undefined;
  #sinceMs: number;
  #timer: Timer | undefined;
  #underWay: Promise<void> | undefined;
  #started = false;
  #stopped: Promise<void> | undefined;

  /** @throws Error that names the setting, never its value, when a header is malformed */
  constructor(options: PeriodicMetricsOptions) {
    const { reader, clock, log, version, environment = process.env } = options;
    this.#options = options;
    this.#isDelta = ({ type }) =>
      (reader.temporality === 'delta' && type === 'counter') ||
      (reader.temporality !== 'cumulative' && type === 'histogram');
    this.#deltas = new Deltas(this.#isDelta);
    this.#failures = new Seldom(clock);
    this.#rejections = new Seldom(clock);
    this.#sinceMs = clock.now();
    if (reader.target) this.#client = clientOf(reader.target, reader.timeoutMs, version, { clock, log, environment });
  }

  /** Rejects, with the place in the configuration, where a file of certificates can't be used. */
  async start(): Promise<void> {
    const { reader, clock, families } = this.#options;
    try {
      await this.#client?.start();
    } catch (error) {
      throw new Error(`${reader.path}: ${textOf(error)}`, { cause: error });
    }
    this.#started = true;
    this.#sinceMs = clock.now();
    this.#deltas.told(families());
    this.#wait();
  }

  /** Resolves when a last report is out, or could not be sent, or `deadline` has aborted. */
  shutdown(deadline: AbortSignal): Promise<void> {
    this.#stopped ??= this.#stop(deadline);
    return this.#stopped;
  }

  async #stop(deadline: AbortSignal): Promise<void> {
    this.#timer?.cancel();
    if (this.#started && !deadline.aborted) {
      let isCut = false;
      const cut = () => {
        isCut = true;
        this.#client?.shutdown();
      };
      deadline.addEventListener('abort', cut, { once: true });
      const timer = this.#options.clock.schedule(LAST_REPORT_MS, cut);
      await this.#underWay;
      if (!isCut) await this.#report();
      timer.cancel();
      deadline.removeEventListener('abort', cut);
    }
    this.#client?.shutdown();
    await this.#underWay;
  }

  #wait(): void {
    const { clock, reader } = this.#options;
    this.#timer = clock.schedule(reader.intervalMs, () => {
      this.#wait();
      this.#underWay ??= this.#report().finally(() => {
        this.#underWay = undefined;
      });
    });
  }

  /** Never rejects: whatever goes wrong here is no trouble of the agent's work. */
  async #report(): Promise<void> {
    const { reader, resource, version, startedAt, clock } = this.#options;
    const { target } = reader;
    try {
      const nowMs = clock.now();
      const families = this.#options.families();
      const report = { resource, version, startedMs: startedAt, sinceMs: this.#sinceMs, nowMs, isDelta: this.#isDelta };
      const metrics = resourceMetrics({ ...report, families: this.#deltas.since(families) });
      const body = SERIALIZERS[target?.encoding ?? 'json'].serializeRequest(metrics);
      if (!body) throw new Error('BUG: metrics could not be encoded');
      if (target) await this.#send(target, body);
      else this.#write(`${Buffer.from(body).toString('utf8')}\n`);
      this.#deltas.told(families);
      this.#sinceMs = nowMs;
    } catch (error) {
      const due = this.#failures.due(1);
      if (due === 0) return;
      this.#options.log.warn('The metrics of the agent could not be sent. The next report says it all again.', {
        reader: reader.path,
        ...(target && { to: new URL(target.url).origin }),
        reason: textOf(error),
        reports: due,
      });
    }
  }

  async #send(target: OtlpTarget, body: Uint8Array): Promise<void> {
    const { clock, reader } = this.#options;
    const { contentType, deserializeResponse } = SERIALIZERS[target.encoding];
    const encoding = contentEncoding(target.compression);
    const cut = new AbortController();
    let isLate = false;
    const timer = clock.schedule(reader.timeoutMs, () => {
      isLate = true;
      cut.abort();
    });
    try {
      const answer = await (this.#client as HttpClient).request({
        method: 'POST',
        url: new URL(target.url),
        headers: { 'content-type': contentType, ...(encoding && { 'content-encoding': encoding }) },
        body: await compress(body, target.compression),
        signal: cut.signal,
      });
      if (answer.status < 200 || answer.status > 299) throw new Error(`the backend answered ${answer.status}`);
      this.#tellRejected(rejectedIn(() => deserializeResponse(answer.body)));
    } catch (error) {
      throw isLate ? new Error(`no answer within ${reader.timeoutMs} ms`) : error;
    } finally {
      timer.cancel();
    }
  }

  #tellRejected(points: number): void {
    const due = points > 0 ? this.#rejections.due(points) : 0;
    if (due === 0) return;
    this.#options.log.warn('A backend rejected some of the metrics of the agent.', {
      reader: this.#options.reader.path,
      points: due,
    });
  }

  #write(line: string): void {
    if (this.#options.write) this.#options.write(line);
    else process.stdout.write(line);
  }
}

function clientOf(
  { headers, compression, timeoutMs, tls }: OtlpTarget,
  longestMs: number,
  version: string,
  deps: { readonly clock: Clock; readonly log: Log; readonly environment: Environment },
): HttpClient {
  const config = clientConfig.parse({
    headers: { 'user-agent': `intercom-otel-agent/${version}`, ...headers },
    timeout: `${timeoutMs || longestMs}ms`,
    ...{ compression, tls },
    max_conns_per_host: 1,
  });
  return createHttpClient(config, deps);
}

/** Data points that a partial success names. What can't be read says nothing. */
function rejectedIn(read: () => { partialSuccess?: { rejectedDataPoints?: number } }): number {
  try {
    return Number(read().partialSuccess?.rejectedDataPoints ?? 0) || 0;
  } catch {
    return 0;
  }
}

function textOf(error: unknown): string {
  if (error instanceof RequestError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
