/** What `doctor` says of the exporters of a configuration, without a process for it. */
import { systemClock } from '../../src/clock.ts';
import { formatDiagnostics } from '../../src/config/diagnostics.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { AgentConfig } from '../../src/config/model.ts';
import { checkBackends } from '../../src/doctor/backends.ts';
import type { Finds } from '../../src/doctor/finding.ts';
import { testRecord } from '../../src/doctor/test-record.ts';
import { factories } from '../../src/registry.ts';
import { silentLog } from '../../src/telemetry/log.ts';

/** @param exporters by id, as in a file; all are used, and so are the extensions */
export async function configOf(exporters: object, extensions: object = {}): Promise<AgentConfig> {
  const integrations = [{ name: 'support', client_secret: 's', application_name: 'acme', subsystem_name: 'help' }];
  const text = JSON.stringify({
    ...{ receivers: { intercom: { integrations } }, exporters, extensions },
    service: {
      extensions: Object.keys(extensions),
      pipelines: { logs: { receivers: ['intercom'], exporters: Object.keys(exporters) } },
    },
  });
  const { config, diagnostics } = await loadConfig({
    ...{ sources: ['agent.yaml'], environment: {}, factories },
    readFile: () => Promise.resolve(text),
  });
  if (!config) throw new Error(formatDiagnostics(diagnostics, { color: false }));
  return config;
}

export async function diagnose(
  exporters: object,
  { send = true, extensions = {} }: { send?: boolean; extensions?: object } = {},
): Promise<Finds[]> {
  const config = await configOf(exporters, extensions);
  return checkBackends({
    ...{ config, version: '1.2.3', log: silentLog, clock: systemClock, random: Math.random },
    signal: new AbortController().signal,
    ...(send && { record: testRecord({ config, version: '1.2.3', now: systemClock.now(), id: 'test-1' }) }),
  });
}
