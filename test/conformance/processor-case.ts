/** One recorded batch through our own processors. */
import { isDeepStrictEqual } from 'node:util';
import { routesOf } from '../../src/agent/components.ts';
import type { ComponentContext } from '../../src/component.ts';
import { formatDiagnostics } from '../../src/config/diagnostics.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Routes } from '../../src/delivery/routes.ts';
import type { Entry } from '../../src/journal/journal.ts';
import { noAuthenticators } from '../../src/net/auth.ts';
import { encodeLogsRequestJson } from '../../src/record/otlp/json.ts';
import { readLogsData } from '../../src/record/otlp/json-reader.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { FakeClock } from '../support/fake-clock.ts';
import type { Outcome, ProcessorCase } from './cases.ts';
import { isSameProblem } from './errors.ts';
import { comparable, without } from './records.ts';
import { factories, missingTypes, standInProcessors } from './types.ts';

export async function runProcessorCase(one: ProcessorCase): Promise<Outcome> {
  const configuration = {
    receivers: { otlp: { protocols: { http: {} } } },
    processors: one.processors,
    exporters: { nop: {} },
    service: { pipelines: { logs: { receivers: ['otlp'], processors: one.pipeline, exporters: ['nop'] } } },
  };
  const missing = [...missingTypes(configuration), ...standInProcessors(one.processors)];
  if (missing.length > 0) return { kind: 'skipped', reason: `there is no ${missing.join(', no ')}` };
  const { config, diagnostics } = await loadConfig({
    sources: ['case.yaml'],
    readFile: () => Promise.resolve(JSON.stringify(configuration)),
    environment: {},
    factories,
  });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const refused = config ? undefined : formatDiagnostics(errors, { color: false });
  if (one.config_error !== undefined) {
    const isSame = refused !== undefined && isSameProblem(one.config_error, refused);
    return isSame
      ? { kind: 'passed' }
      : { kind: 'failed', expected: { config_error: one.config_error }, actual: refused };
  }
  if (!config) return { kind: 'failed', expected: 'a valid configuration', actual: refused };
  const [pipeline] = config.service.pipelines;
  if (!pipeline) throw new Error('BUG: no pipeline');
  const context = (id: string): ComponentContext => ({
    ...{
      id,
      log: silentLog,
      clock: new FakeClock(Date.UTC(2026, 0, 10)),
      random: () => 0.5,
      version: '0.0.0',
    },
    authenticators: noAuthenticators,
  });
  const chain = new Routes(
    routesOf(config, pipeline, (_, id) => context(id)),
    () => {
      throw new Error('a record came out late');
    },
  );
  let out: unknown;
  try {
    const records = chain.run({ source: 'otlp' } as Entry, () => readLogsData(one.in));
    out = JSON.parse(encodeLogsRequestJson(records).toString());
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const isSame = one.process_error !== undefined && isSameProblem(one.process_error, text);
    return isSame
      ? { kind: 'passed' }
      : {
          kind: 'failed',
          expected: { out: one.out, process_error: one.process_error },
          actual: error instanceof Error ? error.stack : text,
        };
  } finally {
    await chain.shutdown();
  }
  if (one.process_error !== undefined)
    return { kind: 'failed', expected: { process_error: one.process_error }, actual: out };
  const [expected, actual] = [one.out, out].map((data) => comparable(without(data, one.ignore ?? []), one));
  return isDeepStrictEqual(expected, actual) ? { kind: 'passed' } : { kind: 'failed', expected, actual };
}
