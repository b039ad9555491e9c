/**
 * Loads a configuration: sources → trees with positions → merged → `${...}` expanded → checked and typed. Merging comes
 * before expanding, as in the Collector: what a later source replaces is never looked up.
 */
import type { AnyFactory } from '../component.ts';
import { Catalog, type ComponentKind } from './catalog.ts';
import { checkSection, type Section } from './components.ts';
import { type Diagnostic, quote } from './diagnostics.ts';
import { expand, whyUnreadable } from './expand.ts';
import { secretSpans } from './masks.ts';
import type { AgentConfig, Configured } from './model.ts';
import { Report } from './report.ts';
import { checkService, type Sections } from './service.ts';
import { Source, type Span } from './source.ts';
import { didYouMean } from './suggest.ts';
import { merge, type Node } from './tree.ts';
import { parseYaml } from './yaml.ts';

export interface LoadOptions {
  /** In the order of the command line; later ones are merged over earlier ones. Paths, `file:path` or `yaml:text`. */
  readonly sources: readonly string[];
  readonly factories: readonly AnyFactory[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Rejects as node:fs does. Relative paths are relative to the working directory. */
  readFile(path: string): Promise<string>;
}

export interface LoadResult {
  /** Present when no diagnostic is an error. */
  readonly config?: AgentConfig;
  /** Everything that is wrong or worth knowing, in the order of the sources. Free of secrets. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Never rejects for anything in the configuration, nor for files that cannot be read. Starts and opens nothing else. */
export async function loadConfig(options: LoadOptions): Promise<LoadResult> {
  const catalog = new Catalog(options.factories);
  const report = new Report();
  const read = await readSources(options, report);
  let config: AgentConfig | undefined;
  // Holes in a tree would bring a crowd of errors that are none.
  if (read.complete) {
    const merged = read.trees.reduce<Node | undefined>((base, tree) => (base ? merge(base, tree) : tree), undefined);
    const expanded = merged && (await expand(merged, options, report));
    config = check(expanded, read.sources[0], catalog, report);
  }
  const diagnostics = report.diagnostics({
    sources: read.sources,
    secrets: new Map(read.trees.map((tree) => [tree.at.source, secretSpans(tree, catalog)])),
    garbled: read.garbled,
  });
  return { ...(config && !report.hasErrors && { config }), diagnostics };
}

interface Read {
  readonly sources: readonly Source[];
  /** One per source that holds anything. */
  readonly trees: readonly Node[];
  /** Sources with mistakes in their YAML. */
  readonly garbled: ReadonlySet<Source>;
  /** Every source was read and understood. */
  readonly complete: boolean;
}

async function readSources(options: LoadOptions, report: Report): Promise<Read> {
  const sources: Source[] = [];
  const trees: Node[] = [];
  const garbled = new Set<Source>();
  let complete = options.sources.length > 0;
  if (options.sources.length === 0) {
    const suggestion = 'name a file: --config agent.yaml';
    report.add({ severity: 'error', message: 'at least one config flag must be provided', suggestion });
  }
  for (const [index, uri] of options.sources.entries()) {
    const source = await readSource(uri, index, options, report);
    if (!source) {
      complete = false;
      continue;
    }
    sources.push(source);
    const { root, problems } = parseYaml(source);
    for (const problem of problems) report.add(problem);
    if (problems.length > 0) garbled.add(source);
    if (!root) complete = false;
    else if (root.kind === 'map') trees.push(root);
    else if (root.kind === 'list' || root.value !== null) {
      complete = false;
      // Without an excerpt: the wrong file may be one that holds a key.
      const message = `${quote(source.name)} holds ${root.kind === 'list' ? 'a list' : 'a single value'}, not sections`;
      report.add({ severity: 'error', message, suggestion: 'is it the right file?' });
    }
  }
  return { sources, trees, garbled, complete };
}

async function readSource(
  uri: string,
  index: number,
  options: LoadOptions,
  report: Report,
): Promise<Source | undefined> {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(uri)?.[1];
  if (scheme === 'yaml') return new Source(`yaml[${index + 1}]`, uri.slice(5));
  if (scheme !== undefined && scheme !== 'file') {
    const message = `cannot read the configuration: scheme ${quote(scheme)} is not supported`;
    report.add({ severity: 'error', message, suggestion: 'the schemes are file and yaml' });
    return undefined;
  }
  const path = scheme === 'file' ? uri.slice(5) : uri;
  try {
    return new Source(path, await options.readFile(path));
  } catch (error) {
    const message = `unable to read the file ${JSON.stringify(path)}: ${whyUnreadable(error)}`;
    report.add({ severity: 'error', message });
    return undefined;
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
  const connectors = entries.get('connectors');
  if (connectors?.node.kind === 'map' && connectors.node.entries.size > 0) {
    const suggestion = 'name several exporters in one pipeline instead';
    report.add({ severity: 'error', at: connectors.keyAt, message: 'this agent has no connectors', suggestion });
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
    extension: section('extensions', 'extension'),
  };
  const service = checkService(entries.get('service'), start, sections, catalog, report);
  if (!service || report.hasErrors) return undefined;
  return {
    factories: catalog.factories,
    receivers: configured(sections.receiver),
    processors: configured(sections.processor),
    exporters: configured(sections.exporter),
    extensions: configured(sections.extension),
    service,
  };
}

/** The catalog gave each section factories of its own kind only. */
function configured<Factory>({ mentions }: Section): ReadonlyMap<string, Configured<Factory>> {
  return new Map([...mentions].map(([id, { component }]) => [id, component as Configured<Factory>]));
}
