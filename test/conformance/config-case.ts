/** One recorded configuration through our own loading. */
import { isDeepStrictEqual } from 'node:util';
import { Catalog } from '../../src/config/catalog.ts';
import { formatDiagnostics } from '../../src/config/diagnostics.ts';
import { loadConfig } from '../../src/config/load.ts';
import { printedConfig } from '../../src/config/print.ts';
import { Report } from '../../src/config/report.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import { type Node, toPlain } from '../../src/config/tree.ts';
import type { ConfigCase, Outcome } from './cases.ts';
import { difference } from './effective.ts';
import { isSameProblem } from './errors.ts';
import { readFlags } from './flags.ts';
import { factories, leansOnStandIn, missingTypes } from './types.ts';

export async function runConfigCase(one: ConfigCase): Promise<Outcome> {
  const flags = readFlags(one.args);
  if (typeof flags === 'string') return judged(one, 'resolve', flags, undefined);
  const options = { ...flags, environment: one.env, readFile: (path: string) => readIn(one.files, path) };

  const report = new Report();
  const { root, complete, sources, garbled } = await resolveConfig(options, report);
  if (report.hasErrors || !complete) {
    const diagnostics = report.diagnostics({ sources, secrets: new Map(), garbled });
    return judged(one, 'resolve', formatDiagnostics(diagnostics, { color: false }), undefined);
  }
  const resolved = root ? JSON.parse(JSON.stringify(toPlain(root), asJson)) : {};
  if (one.stage === 'resolve') return judged(one, 'resolve', undefined, resolved);
  if (one.resolved !== undefined && !isDeepStrictEqual(resolved, JSON.parse(JSON.stringify(one.resolved)))) {
    return { kind: 'failed', expected: one.resolved, actual: resolved };
  }
  if (one.stage === undefined && one.valid === undefined) return { kind: 'passed' };

  const missing = missingTypes(resolved);
  if (missing.length > 0) return { kind: 'skipped', reason: `there is no ${missing.join(', no ')}` };
  if (leansOnStandIn(one)) return { kind: 'skipped', reason: 'it is about a component that this build does not have' };
  const { config, diagnostics, resolved: tree } = await loadConfig({ ...options, factories });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const text = config ? undefined : formatDiagnostics(errors, { color: false });
  if (one.stage === 'validate') return judged(one, 'validate', text, resolved);
  if (text !== undefined) return { kind: 'failed', expected: 'valid', actual: text };
  return one.effective === undefined || !tree ? { kind: 'passed' } : compared(one, tree, resolved);
}

function compared(one: ConfigCase, tree: Node, resolved: unknown): Outcome {
  const { data } = printedConfig(tree, new Catalog(factories), { redact: one.redacted === true, fill: true });
  const ours = JSON.parse(JSON.stringify(data, asJson));
  const found = difference(one.effective, ours, resolved);
  return found === undefined ? { kind: 'passed' } : { kind: 'failed', expected: 'the same settings', actual: found };
}

/** `text`: what ours says is wrong; undefined: nothing is. */
function judged(one: ConfigCase, stage: string, text: string | undefined, resolved: unknown): Outcome {
  const { error, alternatives = [] } = one;
  if (error === undefined) return { kind: 'failed', expected: one.resolved, actual: text };
  const expected = { stage: one.stage, error };
  if (text === undefined) return { kind: 'failed', expected, actual: { resolved } };
  const isSame = [error, ...alternatives].some((theirs) => isSameProblem(theirs, text));
  return isSame ? { kind: 'passed' } : { kind: 'failed', expected, actual: { stage, text } };
}

async function readIn(files: Readonly<Record<string, string>>, asked: string): Promise<string> {
  const path = asked.replace(/^\.\//, '').replace(/[^/]+\/\.\.\//g, '');
  const text = Object.hasOwn(files, path) ? files[path] : undefined;
  const isFolder = Object.keys(files).some((name) => name.startsWith(`${path}/`));
  if (text === undefined) throw Object.assign(new Error(path), { code: isFolder ? 'EISDIR' : 'ENOENT' });
  return text;
}

/** As the recorder wrote values that JSON has no form for. */
function asJson(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  }
  return value;
}
