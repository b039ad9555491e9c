/** Loads a configuration: resolved (resolve.ts), then checked and typed. */
import { dirname } from 'node:path';
import type { AnyFactory } from '../component.ts';
import { Catalog, type ComponentKind } from './catalog.ts';
import { checkSection, type Section } from './components.ts';
import { type Diagnostic, quote } from './diagnostics.ts';
import { secretSpans } from './masks.ts';
import type { AgentConfig, Configured } from './model.ts';
import { Report } from './report.ts';
import { type ResolveOptions, resolveConfig } from './resolve.ts';
import { checkService } from './service.ts';
import type { Sections } from './service-checker.ts';
import type { Source, Span } from './source.ts';
import { didYouMean } from './suggest.ts';
import { isRemote, type Node } from './tree.ts';

export interface LoadOptions extends ResolveOptions {
  readonly factories: readonly AnyFactory[];
}

export interface LoadResult {
  /** Present when no diagnostic is an error. */
  readonly config?: AgentConfig;
  /** Everything that is wrong or worth knowing, in the order of the sources. Free of secrets. */
  readonly diagnostics: readonly Diagnostic[];
  /** What all sources say together, also where it is wrong: for showing (print.ts). It holds the secrets. */
  readonly resolved?: Node;
}

/** Never rejects for anything in the configuration, nor for files that cannot be read. Starts and opens nothing else. */
export async function loadConfig(options: LoadOptions): Promise<LoadResult> {
  const catalog = new Catalog(options.factories);
  const report = new Report();
  const read = await resolveConfig(options, report);
  const config = read.complete
    ? check(read.root, read.sources.find(({ kind }) => kind === 'file') ?? read.sources[0], catalog, report)
    : undefined;
  if (read.root && !options.trustRemote) refuseRemoteCode(read.root, catalog, report);
  const diagnostics = report.diagnostics({
    sources: read.sources,
    secrets: new Map(read.trees.map((tree) => [tree.at.source, secretSpans(tree, catalog)])),
    garbled: read.garbled,
  });
  return {
    ...(config && !report.hasErrors && { config }),
    diagnostics,
    ...(read.root && { resolved: read.root }),
  };
}

/** Whoever answers at an address must not choose what runs here. */
function refuseRemoteCode(root: Node, catalog: Catalog, report: Report): void {
  const processors = root.kind === 'map' ? root.entries.get('processors')?.node : undefined;
  for (const [id, { keyAt, node }] of processors?.kind === 'map' ? processors.entries : []) {
    const factory = catalog.find('processor', id.split('/')[0] as string);
    if (factory?.kind !== 'processor' || !factory.runsCode) continue;
    if (keyAt.source.kind !== 'remote' && !isRemote(node)) continue;
    const message = 'code that runs in the agent is named by a configuration from the web';
    const suggestion = 'if you trust it, --feature-gates=config.trustRemote';
    report.add({ severity: 'error', at: keyAt, path: `processors::${id}`, message, suggestion });
  }
}

const TOP_LEVEL = ['receivers', 'processors', 'exporters', 'connectors', 'extensions', 'service'];

function check(
  root: Node | undefined,
  first: Source | undefined,
  catalog: Catalog,
  report: Report,
): AgentConfig | undefined {
  const start: Span | undefined = first && { source: first, start: 0, end: 1 };
  const entries = root?.kind === 'map' ? root.entries : new Map();
  if (entries.size === 0) {
    const suggestion = 'it needs receivers:, exporters: and service:';
    report.add({ severity: 'error', at: start, message: 'empty configuration file', suggestion });
    return undefined;
  }
  for (const [key, { keyAt }] of entries) {
    if (TOP_LEVEL.includes(key)) continue;
    const suggestion = didYouMean(key, TOP_LEVEL) ?? `the sections are: ${TOP_LEVEL.join(', ')}`;
    report.add({ severity: 'error', at: keyAt, message: `unknown section ${quote(key)}`, suggestion });
  }
  const section = (name: string, kind: ComponentKind) => {
    const checked = checkSection(name, kind, entries.get(name)?.node, catalog, report);
    const isRequired = kind === 'receiver' || kind === 'exporter';
    if (isRequired && checked.mentions.size === 0 && !entries.get(name)?.node.origin?.failed) {
      const at = entries.get(name)?.keyAt ?? start;
      report.add({ severity: 'error', at, message: `no ${kind} configuration specified in config` });
    }
    return checked;
  };
  const sections: Sections = {
    receiver: section('receivers', 'receiver'),
    processor: section('processors', 'processor'),
    exporter: section('exporters', 'exporter'),
    connector: section('connectors', 'connector'),
    extension: section('extensions', 'extension'),
  };
  const service = checkService(entries.get('service'), start, sections, catalog, report);
  if (!service || report.hasErrors) return undefined;
  return {
    ...(first?.kind === 'file' && { directory: dirname(first.name) }),
    factories: catalog.factories,
    receivers: configured(sections.receiver),
    processors: configured(sections.processor),
    exporters: configured(sections.exporter),
    connectors: configured(sections.connector),
    extensions: configured(sections.extension),
    service,
  };
}

/** The catalog gave each section factories of its own kind only. */
function configured<Factory>({ mentions }: Section): ReadonlyMap<string, Configured<Factory>> {
  return new Map([...mentions].map(([id, { component }]) => [id, component as Configured<Factory>]));
}
