/** What only shows when all sections are seen together: references, storages, connectors, and what nothing uses. */
import type { Catalog, ComponentKind } from './catalog.ts';
import type { Section } from './components.ts';
import { quote } from './diagnostics.ts';
import { type GraphProblem, type Junction, joined } from './graph.ts';
import { isBad, parseId, withoutSpaces } from './ids.ts';
import type { PipelineConfig } from './model.ts';
import type { Report } from './report.ts';
import { WITHOUT_EFFECT } from './service-schema.ts';
import type { Span } from './source.ts';
import { didYouMean, nearest } from './suggest.ts';
import { isNull, type MapEntry, type MapNode, type Node } from './tree.ts';

export type Sections = Readonly<Record<ComponentKind, Section>>;

const SIGNALS = ['traces', 'metrics', 'profiles'];

export class ServiceChecker {
  readonly #sections: Sections;
  readonly #catalog: Catalog;
  readonly #report: Report;
  readonly #used = new Set<string>();
  /** `pipeline, role, id` → where a pipeline names a connector. */
  readonly #connectors = new Map<string, Span>();
  /** A reference or a pipeline is wrong, or unknown: nothing can be said of how pipelines are joined. */
  #isPartial = false;

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

  /** Undefined where they, or how connectors join them, are wrong. */
  pipelines(entry: MapEntry | undefined, serviceAt: Span): PipelineConfig[] | undefined {
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
    if (entry?.node.origin?.failed) this.#isPartial = true;
    const junctions = pipelines.flatMap(([id, pipeline]) =>
      this.#isLogs(id, pipeline) ? [this.#pipeline(id, pipeline)] : [],
    );
    if (this.#isPartial || junctions.length < pipelines.length) return undefined;
    const problems: GraphProblem[] = [];
    const configs = joined(junctions, problems);
    for (const { pipeline, connector, as, message, suggestion } of problems) {
      const at = this.#connectors.get(placeOf(pipeline, as, connector)) ?? entry?.keyAt ?? serviceAt;
      this.#report.add({ severity: 'error', at, path: `service::pipelines::${pipeline}`, message, suggestion });
    }
    return configs;
  }

  /** A reference could mean either. */
  ambiguous(): void {
    for (const { id, written, at } of this.#sections.connector.mentions.values()) {
      for (const kind of ['exporter', 'receiver'] as const) {
        if (!this.#sections[kind].mentions.has(id)) continue;
        const name = quote(written);
        const message = `ambiguous ID: Found both ${name} ${kind} and ${name} connector. Change one of the components' IDs to eliminate ambiguity (e.g. rename ${name} connector to ${quote(`${written}/connector`)})`;
        this.#report.add({ severity: 'error', at, path: `connectors::${written}`, message });
      }
    }
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

  #pipeline(id: string, { keyAt, node }: MapEntry): Junction {
    const path = `service::pipelines::${id}`;
    const part = (name: string) => (node.kind === 'map' ? node.entries.get(name)?.node : undefined);
    const place = (kind: ComponentKind) => (connector: string, at: Span) =>
      this.#connectors.set(placeOf(id, kind, connector), at);
    const receivers = this.references(part('receivers'), 'receiver', path, place('receiver'));
    const exporters = this.references(part('exporters'), 'exporter', path, place('exporter'));
    const isConnector = (reference: string) => this.#sections.connector.mentions.has(reference);
    const pipeline = {
      id,
      receivers: receivers.filter((reference) => !isConnector(reference)),
      processors: this.references(part('processors'), 'processor', path),
      exporters: exporters.filter((reference) => !isConnector(reference)),
      receivesFrom: receivers.filter(isConnector),
      sendsTo: exporters.filter(isConnector),
    };
    for (const kind of ['receiver', 'exporter'] as const) {
      const list = part(`${kind}s`);
      const isEmpty = !list || (list.kind === 'list' && list.items.length === 0) || isNull(list);
      if (isEmpty || list?.origin?.failed || node.origin?.failed) this.#isPartial = true;
      if (isEmpty && (node.kind === 'map' || isNull(node)) && !list?.origin?.failed && !node.origin?.failed) {
        this.#report.add({ severity: 'error', at: keyAt, path, message: `must have at least one ${kind}` });
      }
    }
    return pipeline;
  }

  /**
   * Canonical ids, each once, in order. Items that are no texts have been reported by the schema.
   * @param onConnector told of those that are connectors; absent: connectors are none of the kind
   */
  references(
    list: Node | undefined,
    kind: ComponentKind,
    path: string,
    onConnector?: (id: string, at: Span) => void,
  ): string[] {
    const ids = new Set<string>();
    for (const item of list?.kind === 'list' ? list.items : []) {
      // Nothing is an empty id, and around an id spaces mean nothing: as for the Collector.
      const text = item.kind !== 'scalar' ? undefined : (item.origin?.text ?? item.value ?? '');
      if (typeof text !== 'string' || item.origin?.failed) {
        if (onConnector) this.#isPartial = true;
        continue;
      }
      const written = withoutSpaces(text);
      const connector = onConnector && this.#connector(written);
      const id = connector ?? this.#catalog.canonical(kind, written);
      const shown = item.origin && written ? `that the ${item.origin.label} gives` : quote(written);
      if (connector !== undefined) {
        onConnector?.(connector, item.at);
        this.#used.add(`connector ${connector}`);
      }
      if (connector === undefined && !this.#sections[kind].mentions.has(id)) {
        if (onConnector) this.#isPartial = true;
        const mayBeThere = this.#sections[kind].unresolved || (onConnector && this.#sections.connector.unresolved);
        if (!mayBeThere) this.#unknownReference(kind, written, shown, item, path);
      } else if (ids.has(id)) {
        const severity = kind === 'processor' ? 'error' : 'warning';
        this.#report.add({ severity, at: item.at, path, message: `references ${kind} ${shown} multiple times` });
      }
      this.#used.add(`${kind} ${id}`);
      ids.add(id);
    }
    return [...ids];
  }

  /** The id of the connector that is meant, where one is. */
  #connector(written: string): string | undefined {
    const id = this.#catalog.canonical('connector', written);
    return this.#sections.connector.mentions.has(id) ? id : undefined;
  }

  #unknownReference(kind: ComponentKind, id: string, shown: string, { at, origin }: Node, path: string): void {
    const parsed = parseId(id);
    if (isBad(parsed) && id !== '' && !origin) {
      this.#report.add({ severity: 'error', at, path, message: parsed.problem, suggestion: parsed.suggestion });
      return;
    }
    const mentions = [...this.#sections[kind].mentions.values()];
    // It is configured, with spaces: that was told.
    if (mentions.some(({ known, written }) => !known && withoutSpaces(written) === id)) return;
    const configured = mentions.map(({ written }) => written);
    const known = this.#catalog.find(kind, id.split('/')[0] as string);
    const elsewhere = Object.values(this.#sections).find((section) => section.mentions.has(id));
    let suggestion = didYouMean(id, configured);
    if (elsewhere) suggestion = `${shown} is configured under ${elsewhere.kind}s: it is no ${kind}`;
    else if (!suggestion && isEnd(kind) && this.#catalog.find('connector', id.split('/')[0] as string))
      suggestion = `add it under connectors: "${id}:" is enough`;
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

const placeOf = (pipeline: string, kind: ComponentKind, connector: string) => `${kind} ${connector} ${pipeline}`;
/** Connectors stand among these. */
const isEnd = (kind: ComponentKind) => kind === 'receiver' || kind === 'exporter';
