/**
 * What a configuration says, before any component looks at it: sources → trees with positions → merged → `${...}` expanded.
 * Merging comes before expanding, as in the Collector: what a later source replaces is never looked up.
 */
import { quote } from './diagnostics.ts';
import { expand } from './expand.ts';
import { Providers, type Surroundings } from './providers.ts';
import { labelOf, SCHEMES_HELP, Unresolvable } from './references.ts';
import type { Report } from './report.ts';
import { Source } from './source.ts';
import { merge, type Node } from './tree.ts';
import { parseYaml } from './yaml.ts';

export interface ResolveOptions extends Surroundings {
  /**
   * `--config`, in the order of the command line; later ones are merged over earlier ones. Paths, or `file:`, `env:`, `yaml:`,
   * `http:` and `https:` with what they name.
   */
  readonly sources: readonly string[];
  /** `--set`, as `a.b.c=value`; merged over all sources. */
  readonly settings?: readonly string[];
  /** Lists of receivers, exporters and extensions are joined by later sources, not replaced. */
  readonly joinLists?: boolean;
  /** Sources from the web may use `${env:…}` and `${file:…}` of this machine. */
  readonly trustRemote?: boolean;
}

export interface Resolved {
  /** Every source that could be read, for the report. */
  readonly sources: readonly Source[];
  /** One per source that holds anything. */
  readonly trees: readonly Node[];
  /** Sources with mistakes in their YAML. */
  readonly garbled: ReadonlySet<Source>;
  /** Every source was read and understood: holes in a tree would bring a crowd of errors that are none. */
  readonly complete: boolean;
  /** All of them merged and expanded. Absent where not complete, or where no source holds anything. */
  readonly root?: Node;
}

/** Reports what is wrong, and rejects for nothing that stands in a source. */
export async function resolveConfig(options: ResolveOptions, report: Report): Promise<Resolved> {
  const providers = new Providers(options);
  const reader = new SourceReader(providers, report);
  const { sources: uris, settings = [] } = options;
  if (uris.length === 0 && settings.length === 0) {
    const suggestion = 'name a file: --config agent.yaml';
    report.add({ severity: 'error', message: 'at least one config flag must be provided', suggestion });
  }
  let complete = uris.length + settings.length > 0;
  for (const [index, uri] of uris.entries()) if (!reader.add(await reader.read(uri, index))) complete = false;
  for (const setting of settings) if (!reader.add(reader.setting(setting))) complete = false;
  const { sources, trees, garbled } = reader;
  if (!complete) return { sources, trees, garbled, complete };
  const joins = options.joinLists ? isJoined : undefined;
  const merged = trees.reduce<Node | undefined>((base, tree) => (base ? merge(base, tree, joins) : tree), undefined);
  const root = merged && (await expand(merged, { providers, trustRemote: options.trustRemote ?? false }, report));
  return { sources, trees, garbled, complete, ...(root && { root }) };
}

/** Where the Collector's gate `confmap.enableMergeAppendOption` joins lists. */
function isJoined([section, ...path]: readonly string[]): boolean {
  const last = path.at(-1);
  return section === 'service' && (path.join() === 'extensions' || last === 'receivers' || last === 'exporters');
}

class SourceReader {
  readonly sources: Source[] = [];
  readonly trees: Node[] = [];
  readonly garbled = new Set<Source>();
  readonly #providers: Providers;
  readonly #report: Report;

  constructor(providers: Providers, report: Report) {
    this.#providers = providers;
    this.#report = report;
  }

  /** False where there are no sections in it: that is reported. */
  add(source: Source | undefined): boolean {
    if (!source) return false;
    this.sources.push(source);
    const { root, problems, oddKey } = parseYaml(source);
    for (const problem of problems) this.#report.add(problem);
    if (oddKey) {
      const message = 'a key of the outermost map must be a text, not a number or a word like true or null';
      this.#report.add({ severity: 'error', at: oddKey, message, suggestion: 'put it in quotes' });
    }
    if (problems.length > 0) this.garbled.add(source);
    if (root?.kind === 'map') this.trees.push(root);
    else if (root && (root.kind === 'list' || root.value !== null)) {
      // Without an excerpt: the wrong file may be one that holds a key.
      const message = `${quote(source.name)} holds ${root.kind === 'list' ? 'a list' : 'a single value'}, not sections`;
      this.#report.add({ severity: 'error', message, suggestion: 'is it the right file?' });
      return false;
    }
    return root !== undefined;
  }

  /** One `--config`. */
  async read(uri: string, index: number): Promise<Source | undefined> {
    // One letter is a drive of Windows.
    const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(uri)?.[1];
    if (scheme === 'yaml') return new Source(`yaml[${index + 1}]`, uri.slice(5), 'argument');
    if (scheme === undefined && /^\w{2,}:/.test(uri)) {
      // Without the text behind it, which may be anything.
      const suggestion = `${SCHEMES_HELP}; a file with a colon in its name is file:name`;
      this.#report.add({ severity: 'error', message: `invalid uri: ${quote(uri.replace(/:.*/s, ':…'))}`, suggestion });
      return undefined;
    }
    if (scheme === undefined || scheme === 'file') return this.#file(scheme === 'file' ? uri.slice(5) : uri);
    if (scheme !== 'env' && scheme !== 'http' && scheme !== 'https') {
      const message = `cannot read the configuration: scheme ${quote(scheme)} is not supported`;
      this.#report.add({ severity: 'error', message, suggestion: SCHEMES_HELP });
      return undefined;
    }
    const label = labelOf(uri);
    try {
      const text = await this.#providers.retrieve(uri);
      if (scheme === 'env') {
        if (text === undefined) this.#report.add({ severity: 'warning', message: `the ${label} is not set` });
        return new Source(label, text ?? '', 'environment');
      }
      if (scheme === 'http') {
        const message = `the configuration comes from the ${label} without encryption: who is in between can change it`;
        this.#report.add({ severity: 'warning', message, suggestion: 'use https' });
      }
      return new Source(label, text ?? '', 'remote');
    } catch (error) {
      this.#fail(`cannot resolve the ${label}: `, error);
      return undefined;
    }
  }

  async #file(path: string): Promise<Source | undefined> {
    try {
      return new Source(path, await this.#providers.file(path));
    } catch (error) {
      this.#fail(`unable to read the file ${JSON.stringify(path)}: `, error);
      return undefined;
    }
  }

  /** One `--set`. */
  setting(text: string): Source | undefined {
    const split = text.indexOf('=');
    if (split < 0) {
      // Without the text: the value may be a secret that was meant to stand behind a =.
      const message = 'invalid value for flag --set: missing equal sign';
      this.#report.add({ severity: 'error', message, suggestion: 'write --set exporters.debug.verbosity=detailed' });
      return undefined;
    }
    const key = text.slice(0, split);
    return new Source(`--set ${key}`, `${key.replaceAll('.', '::')}: ${text.slice(split + 1)}`, 'argument');
  }

  #fail(what: string, error: unknown): void {
    if (!(error instanceof Unresolvable)) throw error;
    const { message, suggestion } = error;
    this.#report.add({ severity: 'error', message: what + message, suggestion });
  }
}
