/** The `service` section, and what only shows when all sections are seen together. */
import { checkAuthenticators } from './authenticators.ts';
import { checkBlock } from './block.ts';
import type { Catalog, ComponentKind } from './catalog.ts';
import type { Section } from './components.ts';
import { quote } from './diagnostics.ts';
import { isBad, parseId } from './ids.ts';
import type { PipelineConfig, TelemetryConfig } from './model.ts';
import type { Report } from './report.ts';
import {
  initialFields,
  metricsReaders,
  metricsRemarks,
  resourceRemarks,
  type ServiceSettings,
  serviceSchema,
  WITHOUT_EFFECT,
} from './service-schema.ts';
import type { Span } from './source.ts';
import { didYouMean, nearest } from './suggest.ts';
import type { MapEntry, MapNode, Node } from './tree.ts';

export interface Service {
  readonly extensions: readonly string[];
  readonly pipelines: readonly PipelineConfig[];
  readonly telemetry: TelemetryConfig;
}

export type Sections = Readonly<Record<ComponentKind, Section>>;

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
  if (service) checker.noteWithoutEffect(service);
  checker.warnUnused();
  if (!settings) return undefined;
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

const SIGNALS = ['traces', 'metrics', 'profiles'];

class ServiceChecker {
  readonly #sections: Sections;
  readonly #catalog: Catalog;
  readonly #report: Report;
  readonly #used = new Set<string>();

  constructor(sections: Sections, catalog: Catalog, report: Report) {
    this.#sections = sections;
    this.#catalog = catalog;
    this.#report = report;
  }

  /** The agent has one journal. */
  oneStorage(list: Node | undefined, extensions: readonly string[]): void {
    const storages = extensions.filter((id) => {
      const factory = this.#catalog.find('extension', id.split('/')[0] as string);
      return factory?.kind === 'extension' && factory.storage === true;
    });
    if (storages.length < 2 || !list) return;
    const message = `${storages.join(' and ')} are both a storage`;
    this.#report.add({
      severity: 'error',
      at: list.at,
      path: 'service::extensions',
      message,
      suggestion: 'name one of them: the agent has one journal',
    });
  }

  pipelines(entry: MapEntry | undefined, serviceAt: Span): PipelineConfig[] {
    const pipelines = entry?.node.kind === 'map' ? [...entry.node.entries] : [];
    if (pipelines.length === 0 && !entry?.node.origin?.failed) {
      this.#report.add({
        severity: 'error',
        at: entry?.keyAt ?? serviceAt,
        path: 'service::pipelines',
        message: 'service must have at least one pipeline',
        suggestion: 'for example: logs: { receivers: [intercom], exporters: [coralogix] }',
      });
    }
    return pipelines.flatMap(([id, pipeline]) => (this.#isLogs(id, pipeline) ? [this.#pipeline(id, pipeline)] : []));
  }

  #isLogs(written: string, { keyAt: at, node, hidden }: MapEntry): boolean {
    const id = parseId(written);
    const path = 'service::pipelines';
    if (hidden && (isBad(id) || id.type !== 'logs')) {
      const message = `an id in what the ${node.origin?.label} gives is no logs pipeline`;
      this.#report.add({ severity: 'error', at, path, message });
    } else if (isBad(id)) {
      this.#report.add({ severity: 'error', at, path, message: id.problem, suggestion: id.suggestion });
    } else if (SIGNALS.includes(id.type)) {
      const message = `pipeline ${quote(written)}: this agent carries logs only, not ${id.type}`;
      const suggestion = 'remove the pipeline, or leave it to a Collector';
      this.#report.add({ severity: 'error', at, path, message, suggestion });
    } else if (id.type !== 'logs') {
      const message = `in ${quote(written)} id: unknown pipeline signal: ${quote(id.type)}`;
      const suggestion = nearest(id.type, ['logs']) ? 'did you mean "logs"?' : `write logs, or logs/${id.type}`;
      this.#report.add({ severity: 'error', at, path, message, suggestion });
    }
    return !isBad(id) && id.type === 'logs';
  }

  #pipeline(id: string, { keyAt, node }: MapEntry): PipelineConfig {
    const path = `service::pipelines::${id}`;
    const part = (name: string) => (node.kind === 'map' ? node.entries.get(name)?.node : undefined);
    const pipeline = {
      id,
      receivers: this.references(part('receivers'), 'receiver', path),
      processors: this.references(part('processors'), 'processor', path),
      exporters: this.references(part('exporters'), 'exporter', path),
    };
    for (const kind of ['receiver', 'exporter'] as const) {
      const list = part(`${kind}s`);
      const isEmpty = !list || (list.kind === 'list' && list.items.length === 0) || isNull(list);
      if (isEmpty && (node.kind === 'map' || isNull(node)) && !list?.origin?.failed && !node.origin?.failed) {
        this.#report.add({ severity: 'error', at: keyAt, path, message: `must have at least one ${kind}` });
      }
    }
    return pipeline;
  }

  /** Canonical ids, each once, in order. Items that are no texts have been reported by the schema. */
  references(list: Node | undefined, kind: ComponentKind, path: string): string[] {
    const ids = new Set<string>();
    for (const item of list?.kind === 'list' ? list.items : []) {
      const text = item.kind !== 'scalar' ? undefined : (item.origin?.text ?? item.value);
      if (typeof text !== 'string' || item.origin?.failed) continue;
      // Around a reference, spaces mean nothing to the Collector either.
      const id = this.#catalog.canonical(kind, text.trim());
      const shown = item.origin ? `that the ${item.origin.label} gives` : quote(text);
      if (!this.#sections[kind].mentions.has(id)) {
        if (!this.#sections[kind].unresolved) this.#unknownReference(kind, text, shown, item, path);
      } else if (ids.has(id)) {
        const severity = kind === 'processor' ? 'error' : 'warning';
        this.#report.add({ severity, at: item.at, path, message: `references ${kind} ${shown} multiple times` });
      }
      this.#used.add(`${kind} ${id}`);
      ids.add(id);
    }
    return [...ids];
  }

  #unknownReference(kind: ComponentKind, id: string, shown: string, { at, origin }: Node, path: string): void {
    const configured = [...this.#sections[kind].mentions.values()].map(({ written }) => written);
    const known = this.#catalog.find(kind, id.split('/')[0] as string);
    const elsewhere = Object.values(this.#sections).find((section) => section.mentions.has(id));
    let suggestion = didYouMean(id, configured);
    if (elsewhere) suggestion = `${shown} is configured under ${elsewhere.kind}s: it is no ${kind}`;
    else if (!suggestion && known) suggestion = `add it under ${kind}s: "${id}:" is enough where it needs no settings`;
    else if (!suggestion && configured.length > 0)
      suggestion = `configured ${kind}s: ${configured.slice(0, 12).join(', ')}`;
    const message = `references ${kind} ${shown} which is not configured`;
    this.#report.add({ severity: 'error', at, path, message, suggestion: origin ? undefined : suggestion });
  }

  warnUnused(): void {
    for (const { kind, mentions } of Object.values(this.#sections)) {
      for (const { id, written, at, known } of mentions.values()) {
        if (!known || this.#used.has(`${kind} ${id}`)) continue;
        const where = kind === 'extension' ? 'service::extensions does not list it' : 'no pipeline uses it';
        const message = `${quote(written)} is configured, but ${where}: it does nothing`;
        this.#report.add({ severity: 'warning', at, path: `${kind}s`, message });
      }
    }
  }

  noteWithoutEffect(service: MapNode): void {
    for (const { path, message } of WITHOUT_EFFECT) {
      let entry: MapEntry | undefined;
      for (const [index, key] of path.entries()) {
        const parent: Node | undefined = index === 0 ? service : entry?.node;
        entry = parent?.kind === 'map' ? parent.entries.get(key) : undefined;
      }
      if (!entry) continue;
      this.#report.add({ severity: 'note', at: entry.keyAt, path: ['service', ...path].join('::'), message });
    }
  }
}

const isNull = (node: Node) => node.kind === 'scalar' && node.value === null;
