/** One recorded batch through our own processors. */
import { isDeepStrictEqual } from 'node:util';
import { Rehearsal } from '../../src/agent/rehearsal.ts';
import { formatDiagnostics } from '../../src/config/diagnostics.ts';
import { loadConfig } from '../../src/config/load.ts';
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
  const rehearsal = new Rehearsal(pipeline, {
    ...{ config, version: '0.0.0', log: silentLog, clock: new FakeClock(Date.UTC(2026, 0, 10)), random: () => 0.5 },
  });
  let out: unknown;
  try {
    const { sent, failed } = rehearsal.run([{ source: 'otlp', records: () => readLogsData(one.in) }]);
    for (const { error } of failed) throw error;
    out = JSON.parse(encodeLogsRequestJson(sent.map(({ record }) => record)).toString());
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
    await rehearsal.shutdown();
  }
  if (one.process_error !== undefined)
    return { kind: 'failed', expected: { process_error: one.process_error }, actual: out };
  const [expected, actual] = [one.out, out].map((data) => comparable(without(data, one.ignore ?? []), one));
  return isDeepStrictEqual(expected, actual) ? { kind: 'passed' } : { kind: 'failed', expected, actual };
}
