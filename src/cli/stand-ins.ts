/** Loads a configuration that is only tried out: its secrets may be on another machine. */
import { readFile } from 'node:fs/promises';
import type { LoadResult } from '../config/load.ts';
import type { Node } from '../config/tree.ts';
import { type ConfigurationOptions, type Environment, load } from './configuration.ts';

export interface TriedConfiguration {
  readonly result: LoadResult;
  /** Environment variables that are not set, and files that can't be read: a harmless text stands in for each. */
  readonly standIns: { readonly variables: readonly string[]; readonly files: readonly string[] };
}

export async function loadWithStandIns(
  options: ConfigurationOptions,
  environment: Environment,
): Promise<TriedConfiguration> {
  const sources = new Set((options.config ?? []).map((uri) => uri.replace(/^file:/, '')));
  const files = new Set<string>();
  const read = async (path: string) => {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (sources.has(path) || !['ENOENT', 'EACCES', 'EPERM'].includes(code)) throw error;
      files.add(path);
      return standIn(path);
    }
  };
  const variables = new Map<string, string>();
  for (;;) {
    const result = await load(options, { ...environment, ...Object.fromEntries(variables) }, read);
    // A value may lead to further references.
    const unset = result.resolved ? [...unsetIn(result.resolved)].filter((name) => !variables.has(name)) : [];
    if (unset.length === 0) return { result, standIns: { variables: [...variables.keys()], files: [...files] } };
    for (const name of unset) variables.set(name, standIn(name));
  }
}

/** Long enough for a key. */
function standIn(name: string): string {
  return `stand-in-for-${name.replace(/[^\w.-]+/g, '-')}`.padEnd(64, '-');
}

function* unsetIn(node: Node): Generator<string> {
  for (const name of node.origin?.unset ?? []) if (/^\w+$/.test(name)) yield name;
  if (node.kind === 'list') for (const item of node.items) yield* unsetIn(item);
  if (node.kind === 'map') for (const entry of node.entries.values()) yield* unsetIn(entry.node);
}
