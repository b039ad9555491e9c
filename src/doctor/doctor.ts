/** All of `doctor --config`: its checks run at the same time, and are told one after the other. */
import type { Clock } from '../clock.ts';
import type { AgentConfig } from '../config/model.ts';
import type { LogRecord } from '../record/log-record.ts';
import type { Log } from '../telemetry/log.ts';
import { checkBackends } from './backends.ts';
import type { DataFinding } from './data.ts';
import type { Check, Finds } from './finding.ts';
import { testRecord } from './test-record.ts';
import type { UrlFinding } from './url.ts';

export interface Examination {
  readonly config: AgentConfig;
  readonly checks: ReadonlySet<Check>;
  /** What there is to say of the data directory, in order. */
  data(): AsyncIterable<DataFinding>;
  /** And of the URLs. What it throws is said as well. */
  urls(): AsyncIterable<UrlFinding>;
  /** Backends get a test record. */
  readonly send: boolean;
  readonly version: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: () => number;
  /** Of the test record. */
  readonly id: () => string;
  readonly signal: AbortSignal;
}

export async function* examine(options: Examination): AsyncGenerator<Finds> {
  const { checks, config, send, version, log, clock, random, signal } = options;
  const record: LogRecord | undefined = send
    ? testRecord({ config, version, now: clock.now(), id: options.id() })
    : undefined;
  const backends = checks.has('backends')
    ? checkBackends({ config, version, log, clock, random, signal, ...(record && { record }) })
    : undefined;
  const urls = checks.has('url') ? urlFindings(options) : undefined;
  // Each is looked at in its turn; one that fails before is no unhandled rejection.
  for (const early of [backends, urls]) early?.catch(() => {});
  if (backends) yield* await backends;
  if (checks.has('data')) {
    for await (const { file, ...finding } of options.data()) yield { ...finding, check: 'data', at: file };
  }
  if (urls) yield* await urls;
}

async function urlFindings({ urls }: Examination): Promise<Finds[]> {
  const found: Finds[] = [];
  try {
    for await (const { integration, ...finding } of urls()) found.push({ ...finding, check: 'url', at: integration });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    found.push({ check: 'url', at: '*', severity: 'error', message: `not checked: ${message}` });
  }
  return found;
}
