/** The `service` section. */
import { checkAuthenticators } from './authenticators.ts';
import { checkBlock } from './block.ts';
import type { Catalog } from './catalog.ts';
import type { PipelineConfig, TelemetryConfig } from './model.ts';
import type { Report } from './report.ts';
import { type Sections, ServiceChecker } from './service-checker.ts';
import {
  initialFields,
  metricsReaders,
  metricsRemarks,
  resourceRemarks,
  type ServiceSettings,
  serviceSchema,
} from './service-schema.ts';
import type { Span } from './source.ts';
import type { MapEntry, Node } from './tree.ts';

export interface Service {
  readonly extensions: readonly string[];
  readonly pipelines: readonly PipelineConfig[];
  readonly telemetry: TelemetryConfig;
}

/** Undefined when something in the section is wrong. References are checked even where components have errors. */
export function checkService(
  entry: MapEntry | undefined,
  start: Span | undefined,
  sections: Sections,
  catalog: Catalog,
  report: Report,
): Service | undefined {
  const checker = new ServiceChecker(sections, catalog, report);
  const node: Node | undefined = entry?.node;
  const keyAt = entry?.keyAt ?? start;
  if (!keyAt || node?.origin?.failed) return undefined;
  const checked = node && checkBlock({ node, keyAt, path: 'service', schema: serviceSchema }, report);
  const settings = checked?.value as ServiceSettings | undefined;
  const service = node?.kind === 'map' ? node : undefined;
  const list = service?.entries.get('extensions')?.node;
  const extensions = checker.references(list, 'extension', 'service::extensions');
  checker.oneStorage(list, extensions);
  if (!list?.origin?.failed) checkAuthenticators(sections, extensions, catalog, report);
  const pipelines = checker.pipelines(service?.entries.get('pipelines'), keyAt);
  checker.ambiguous();
  if (service) checker.noteWithoutEffect(service);
  checker.warnUnused();
  if (!settings || !pipelines) return undefined;
  const { level, encoding, output_paths: outputPaths, sampling, processors } = settings.telemetry.logs;
  const targets = processors.map(({ batch }) => {
    const { endpoint, headers, timeout } = batch.exporter.otlp;
    return { endpoint, headers, timeoutMs: timeout };
  });
  for (const remark of [...metricsRemarks(settings.telemetry.metrics), ...resourceRemarks(settings)])
    checked?.remark(remark);
  const metrics = { readers: metricsReaders(settings.telemetry.metrics) };
  const logs = {
    ...{ level, encoding, outputPaths, targets },
    initialFields: initialFields(settings),
    ...(sampling?.enabled && {
      sampling: { tickMs: sampling.tick, initial: sampling.initial, thereafter: sampling.thereafter },
    }),
  };
  return { extensions, pipelines, telemetry: { logs, metrics } };
}
