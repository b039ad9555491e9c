/** Test files by what the command line names: files, folders, and patterns that no shell has expanded. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, EXIT } from './exit.ts';

const IS_TEST = /\.test\.ya?ml$/;

/** In order, each once. @throws {CommandError} where one of them names nothing */
export async function testFiles(names: readonly string[]): Promise<string[]> {
  const files = new Set<string>();
  for (const name of names) {
    const found = await filesOf(name);
    if (found.length === 0) throw new CommandError(`${name}: no file *.test.yaml is there`, EXIT.usage);
    for (const file of found) files.add(file);
  }
  return [...files];
}

async function filesOf(name: string): Promise<string[]> {
  const found = await stat(name).catch(() => undefined);
  if (found?.isDirectory()) return within(name, (path) => IS_TEST.test(path));
  if (found || !name.includes('*')) {
    if (found) return [name];
    throw new CommandError(`${name}: no such file or folder`, EXIT.usage);
  }
  const parts = name.split('/');
  const base = parts.slice(
    0,
    parts.findIndex((part) => part.includes('*')),
  );
  const pattern = regexOf(name);
  return within(base.length === 1 && base[0] === '' ? '/' : base.join('/') || '.', (path) => pattern.test(path));
}

/** `*` stands for anything but a slash, `**` for any folders. */
function regexOf(pattern: string): RegExp {
  const source = pattern
    .replace(/^\.\//, '')
    .split(/(\*\*\/|\*)/)
    .map((part) =>
      part === '**/' ? '(?:[^/]+/)*' : part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'),
    );
  return new RegExp(`^${source.join('')}$`);
}

async function within(folder: string, wanted: (path: string) => boolean): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await within(path, wanted)));
    else if (wanted(path)) found.push(path);
  }
  return found;
}
