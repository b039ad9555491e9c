import { formatDiagnostics } from '../../src/config/diagnostics.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Chain } from '../../src/delivery/chain.ts';
import { noAuthenticators } from '../../src/net/auth.ts';
import { LogRecord } from '../../src/record/log-record.ts';
import { RecordResource, type RecordScope } from '../../src/record/resource.ts';
import type { Value } from '../../src/record/value.ts';
import { factories } from '../../src/registry.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Records go through processors in this order, each with its settings as they would be parsed from a file. */
export function chain(...processors: readonly (readonly [type: string, settings: object])[]): Chain {
  return new Chain(
    (last) =>
      processors.reduceRight((next, [type, settings]) => {
        const factory = factories.find((candidate) => candidate.kind === 'processor' && candidate.type === type);
        if (factory?.kind !== 'processor') throw new Error(`BUG: no processor ${type}`);
        const context = { id: type, log: silentLog, clock: new FakeClock(0), random: () => 0.5, version: '0.0.0' };
        return factory.create(factory.config.parse(settings), { ...context, authenticators: noAuthenticators }, next);
      }, last),
    () => {
      throw new Error('a record came out late');
    },
  );
}

export interface Fields {
  readonly attributes?: Record<string, Value>;
  readonly body?: Value;
  readonly resource?: RecordResource;
  readonly scope?: RecordScope;
  readonly traceId?: string;
  readonly severityNumber?: number;
}

export function record({ attributes = {}, body = 'x', resource, scope, traceId, severityNumber }: Fields = {}) {
  const made = new LogRecord({
    ...{ hrTime: [1, 0], hrTimeObserved: [1, 0], body },
    resource: resource ?? new RecordResource(),
    instrumentationScope: scope ?? { name: 't' },
    attributes: { ...attributes },
    ...(severityNumber !== undefined && { severityNumber }),
  });
  if (traceId !== undefined) made.spanContext = { traceId, spanId: '00f067aa0ba902b7', traceFlags: 0 };
  return made;
}

/** What becomes of the attributes of one record. Undefined: the record is filtered. */
export function after(type: string, settings: object, fields: Fields): Record<string, Value> | undefined {
  return chain([type, settings]).run([record(fields)])[0]?.attributes as Record<string, Value> | undefined;
}

/** A configuration with these processors (YAML, under `processors:`), all of them in its pipeline. */
export async function loaded(processors: string, environment: Readonly<Record<string, string>> = {}) {
  const ids = [...processors.matchAll(/^ {2}([\w/]+):/gm)].map(([, id]) => id);
  const text = `receivers: { intercom: { integrations: [{ name: one, client_secret: '\${env:SECRET}', application_name: a, subsystem_name: s }] } }
exporters: { nop: }
processors:
${processors}
service: { pipelines: { logs: { receivers: [intercom], processors: [${ids}], exporters: [nop] } } }
`;
  const { config, diagnostics } = await loadConfig({
    sources: ['agent.yaml'],
    ...{ factories, environment: { SECRET: 'of the tests', ...environment }, readFile: () => Promise.resolve(text) },
  });
  return {
    diagnostics: diagnostics.filter(({ path }) => path?.startsWith('processors')),
    /** Fails with what is wrong. */
    settings(id: string): object {
      const configured = config?.processors.get(id);
      if (!configured) throw new Error(formatDiagnostics(diagnostics, { color: false }));
      return configured.config as object;
    },
  };
}
