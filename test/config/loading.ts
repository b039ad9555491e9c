import type { AnyFactory } from '../../src/component.ts';
import { type Diagnostic, formatDiagnostics } from '../../src/config/diagnostics.ts';
import { type LoadResult, loadConfig } from '../../src/config/load.ts';
import { factories } from '../support/factories.ts';

export interface World {
  readonly environment?: Readonly<Record<string, string>>;
  /** Files beside agent.yaml, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly sources?: readonly string[];
  /** Component types beside those of the tests. */
  readonly more?: readonly AnyFactory[];
}

/** Loads `yaml` as agent.yaml with the component types of the tests. */
export function load(yaml: string, { environment = {}, files = {}, sources = ['agent.yaml'], more = [] }: World = {}) {
  const all: Readonly<Record<string, string>> = { ...files, 'agent.yaml': yaml };
  return loadConfig({
    sources,
    factories: [...factories, ...more],
    environment,
    async readFile(path) {
      const text = Object.hasOwn(all, path) ? all[path] : undefined;
      if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
      return text;
    },
  });
}

/** The settings that a component got. Fails with the diagnostics when the configuration has errors. */
export function settings<T = Record<string, unknown>>({ config, diagnostics }: LoadResult, id: string): T {
  if (!config) throw new Error(formatDiagnostics(diagnostics, { color: false }));
  const { receivers, processors, exporters, extensions } = config;
  const found = [receivers, processors, exporters, extensions].map((section) => section.get(id)).find(Boolean);
  return found?.config as T;
}

export function errors(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === 'error');
}

/** A configuration that is right but for what a test puts into its stamp processor. */
export function withStamp(block: string): string {
  return `${HEAD}processors:\n  stamp:\n${indent(block)}${TAIL.replace('exporters: [print]', 'processors: [stamp], exporters: [print]')}`;
}

const indent = (text: string) =>
  text
    .split('\n')
    .map((line) => (line === '' ? '\n' : `    ${line}\n`))
    .join('');

export const HEAD = `receivers:
  hooks: { integrations: [{ name: one, signature: none }] }
exporters:
  print:
`;

export const TAIL = `service:
  pipelines:
    logs: { receivers: [hooks], exporters: [print] }
`;
