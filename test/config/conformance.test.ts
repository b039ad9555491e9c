import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { expand } from '../../src/config/expand.ts';
import { Report } from '../../src/config/report.ts';
import { Source } from '../../src/config/source.ts';
import { merge, type Node, toPlain } from '../../src/config/tree.ts';
import { parseYaml } from '../../src/config/yaml.ts';
import { shared, sharedMissing } from '../support/shared.ts';

interface Case {
  readonly id: string;
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly resolved?: unknown;
  readonly error?: string;
}

/** Ours on purpose: the newline at the end of a file is no part of a value. */
const OURS = new Set([
  'config/escape/file/1',
  'config/file/scalar',
  'config/file/string-newline',
  'config/file/string-quoted',
  'config/file/comment-only',
  'config/file/invalid-yaml',
]);

for (const topic of ['expand', 'escape', 'env', 'merge', 'file']) {
  test(`resolving gives what the Collector gives: ${topic}`, { skip: sharedMissing }, async () => {
    const path = join(shared, 'conformance/config', `${topic}.json`);
    const cases = (JSON.parse(readFileSync(path, 'utf8')) as Case[]).filter(
      // --set and feature gates are a later issue.
      ({ id, args }) => !OURS.has(id) && args.every((argument) => argument.startsWith('--config=')),
    );
    assert.ok(cases.length >= 10);
    for (const one of cases) {
      const got = await resolve(one);
      if (one.error !== undefined) assert.equal(got, 'refused', `${one.id} ${JSON.stringify(one.files)}`);
      else assert.deepEqual(got, one.resolved, `${one.id} ${JSON.stringify(one.files)}`);
    }
  });
}

async function resolve({ files, env, args }: Case): Promise<unknown> {
  const report = new Report();
  const trees: Node[] = [];
  for (const argument of args) {
    const name = argument.slice('--config='.length).replace(/^file:/, '');
    const { root, problems } = parseYaml(new Source(name, files[name] ?? ''));
    for (const problem of problems) report.add(problem);
    if (root?.kind === 'map') trees.push(root);
    else if (!root || root.kind === 'list' || root.value !== null) return 'refused';
  }
  const merged = trees.reduce<Node | undefined>((base, tree) => (base ? merge(base, tree) : tree), undefined);
  if (!merged) return {};
  const readFile = async (path: string) => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
    return text;
  };
  const tree = await expand(merged, { environment: env, readFile }, report);
  return report.hasErrors ? 'refused' : JSON.parse(JSON.stringify(toPlain(tree)));
}
