/** Every exporter that some pipeline uses: made as the agent makes it, asked, and let go of. */
import { RunningAuthenticators } from '../agent/authenticators.ts';
import type { Clock } from '../clock.ts';
import type { ComponentContext, Extension } from '../component.ts';
import type { AgentConfig } from '../config/model.ts';
import type { LogRecord } from '../record/log-record.ts';
import type { Log } from '../telemetry/log.ts';
import type { Finds } from './finding.ts';

export interface BackendsCheck {
  readonly config: AgentConfig;
  /** Sent to each backend. Absent: nothing is sent that would be stored. */
  readonly record?: LogRecord;
  readonly version: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** In the order of the configuration; all are asked at the same time. Never rejects for what a backend does. */
export async function checkBackends(options: BackendsCheck): Promise<Finds[]> {
  const { config } = options;
  const authenticators = new RunningAuthenticators(config.factories);
  const contextOf = (kind: string, id: string): ComponentContext => {
    const { clock, random, version, log } = options;
    return {
      ...{ id, clock, random, version, log: log.with({ [kind]: id }), authenticators },
      ...(config.directory !== undefined && { configDirectory: config.directory }),
    };
  };
  const started = await startAuthenticators(config, authenticators, contextOf);
  // What needs one that failed would only say the same in other words.
  if (started.troubles.length > 0) {
    await stop(started.extensions);
    return started.troubles;
  }
  try {
    const ids = [...new Set(config.service.pipelines.flatMap(({ exporters }) => exporters))];
    const found = await Promise.all(ids.map((id) => examine(id, contextOf('exporter', id), options)));
    return found.flat();
  } finally {
    await stop(started.extensions);
  }
}

async function examine(
  id: string,
  context: ComponentContext,
  { config, record, signal }: BackendsCheck,
): Promise<Finds[]> {
  const exporter = config.exporters.get(id);
  if (!exporter) throw new Error(`BUG: ${id} is not configured`);
  const about = { check: 'backends', at: id } as const;
  const { factory, config: settings } = exporter;
  if (!factory.examine) {
    return [{ ...about, severity: 'ok', message: 'sends to no backend' }];
  }
  const findings = await factory.examine(settings, context, { signal, ...(record && { record }) });
  return findings.map((finding) => ({ ...about, ...finding }));
}

async function startAuthenticators(
  { service, extensions: configured }: AgentConfig,
  authenticators: RunningAuthenticators,
  contextOf: (kind: string, id: string) => ComponentContext,
): Promise<{ extensions: Extension[]; troubles: Finds[] }> {
  const extensions: Extension[] = [];
  const troubles: Finds[] = [];
  for (const id of service.extensions) {
    const extension = configured.get(id);
    if (!extension?.factory.authenticates) continue;
    try {
      const instance = extension.factory.create(extension.config, { ...contextOf('extension', id), status: noStatus });
      extensions.push(instance);
      await instance.start();
      authenticators.add(id, instance);
    } catch (error) {
      const message = `the authenticator cannot be started, so the agent could not start either: ${error instanceof Error ? error.message : String(error)}`;
      troubles.push({ check: 'backends', at: id, severity: 'error', message });
    }
  }
  return { extensions, troubles };
}

async function stop(extensions: readonly Extension[]): Promise<void> {
  await Promise.all(extensions.map((extension) => extension.shutdown(AbortSignal.abort())));
}

function noStatus(): never {
  throw new Error('BUG: an authenticator asked for the status of an agent that does not run');
}
