/** What a chain of processors costs for each record, in this process: from the entry of the journal to what would be sent. */
import { routesOf } from '../../src/agent/components.ts';
import type { ComponentContext } from '../../src/component.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Routes } from '../../src/delivery/routes.ts';
import type { Entry } from '../../src/journal/journal.ts';
import { noAuthenticators } from '../../src/net/auth.ts';
import { createDecoder } from '../../src/receivers/intercom/decode.ts';
import { factories } from '../../src/registry.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Records at a time. */
export const BATCH = 200;
const WARM_UP_MS = 1000;

/** CPU in µs for each record of this body, decoding included. @param processors in the order of the pipeline */
export async function chainCost(
  processors: Readonly<Record<string, unknown>>,
  seconds: number,
  body: Buffer,
): Promise<number> {
  const configuration = {
    receivers: { intercom: { integrations: [{ name: 'a', signature: 'none', application_name: 'a' }] } },
    processors,
    exporters: { nop: null },
    service: {
      pipelines: { logs: { receivers: ['intercom'], processors: Object.keys(processors), exporters: ['nop'] } },
    },
  };
  const { config, diagnostics } = await loadConfig({
    ...{ sources: ['bench.yaml'], environment: {}, factories },
    readFile: () => Promise.resolve(JSON.stringify(configuration)),
  });
  const [pipeline] = config?.service.pipelines ?? [];
  if (!config || !pipeline) throw new Error(JSON.stringify(diagnostics));
  const context = (id: string): ComponentContext => ({
    ...{ id, log: silentLog, clock: new FakeClock(), random: () => 0, version: '0', authenticators: noAuthenticators },
  });
  const routes = new Routes(
    routesOf(config, pipeline, (_, id) => context(id)),
    () => {},
  );
  const decode = createDecoder({ version: '0' });
  const entry = entryOf(body);
  const rounds = (until: number) => {
    let count = 0;
    while (performance.now() < until) {
      for (let index = 0; index < BATCH; index++) routes.run(entry, decode);
      count += BATCH;
    }
    return count;
  };
  rounds(performance.now() + WARM_UP_MS);
  const before = process.cpuUsage();
  const count = rounds(performance.now() + seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

export function entryOf(body: Buffer): Entry {
  return {
    ...{ source: 'intercom', records: 1, receivedAt: 1_700_000_000_000, position: 1, body },
    metadata: { integration: 'a', application_name: 'a', kind: 'notification' },
  };
}
