/** The `service` section. */
import { checkAuthenticators } from './authenticators.ts';
import { checkBlock } from './block.ts';
import type { Catalog } from './catalog.ts';
import type { PipelineConfig, TelemetryConfig } from './model.ts';
import type { Report } from './report.ts';
import { type Sections, ServiceChecker } from './service-checker.ts';
import { type ServiceSettings, serviceSchema } from './service-schema.ts';
import type { Span } from './source.ts';
import { logsRemarks, ownLogs } from './telemetry/logs.ts';
import { metricsReaders, metricsRemarks, periodicReaders } from './telemetry/metrics.ts';
import { resourceRemarks, resourceSettings } from './telemetry/resource.ts';
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
  const { logs, metrics, resource = {} } = settings.telemetry;
  const remarks = [
    ...logsRemarks(logs, ['telemetry', 'logs']),
    ...metricsRemarks(metrics, ['telemetry', 'metrics']),
    ...resourceRemarks(resource, ['telemetry', 'resource']),
  ];
  for (const remark of remarks) checked?.remark(remark);
  const telemetry = {
    logs: ownLogs(logs),
    metrics: { readers: metricsReaders(metrics), periodic: periodicReaders(metrics) },
    resource: resourceSettings(resource),
  };
  return { extensions, pipelines, telemetry };
}
