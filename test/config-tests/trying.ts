/** Runs the text of a test file on the text of a configuration, without files. */
import assert from 'node:assert/strict';
import { type Diagnostic, formatDiagnostics } from '../../src/config/diagnostics.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { AgentConfig } from '../../src/config/model.ts';
import { bind } from '../../src/config-tests/bind.ts';
import { readTestFile } from '../../src/config-tests/read.ts';
import { run, type Verdict } from '../../src/config-tests/run.ts';
import { factories } from '../../src/registry.ts';

/** The processors in YAML, each in a pipeline `logs` in its order. */
export function withProcessors(processors: string): string {
  const ids = [...processors.matchAll(/^([\w/]+):/gm)].map(([, id]) => id);
  return `
receivers:
  intercom:
    integrations:
      - { name: support, signature: none, application_name: acme }
      - { name: sales, signature: none, application_name: acme }
processors:
${processors.replace(/^/gm, '  ')}
exporters: { nop: }
service: { pipelines: { logs: { receivers: [intercom], processors: [${ids.join(', ')}], exporters: [nop] } } }
`;
}

export async function configuration(
  text: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<AgentConfig> {
  const { config, diagnostics } = await loadConfig({
    ...{ sources: ['agent.yaml'], environment, factories },
    readFile: () => Promise.resolve(text),
  });
  assert.ok(config, formatDiagnostics(diagnostics, { color: false }));
  return config;
}

export interface Tried {
  readonly verdicts: readonly Verdict[];
  readonly diagnostics: readonly Diagnostic[];
}

/** @param files what inputs may read, by path */
export async function trying(
  config: AgentConfig,
  text: string,
  files: Readonly<Record<string, string>> = {},
): Promise<Tried> {
  const file = readTestFile('my.test.yaml', text);
  const verdicts: Verdict[] = [];
  for (const test of file.tests) {
    const readFile = (path: string) =>
      files[path] === undefined
        ? Promise.reject(Object.assign(new Error(), { code: 'ENOENT' }))
        : Promise.resolve(Buffer.from(files[path]));
    const bound = await bind(test, { config, now: file.now, readFile });
    if (bound) verdicts.push(await run(bound));
  }
  return { verdicts, diagnostics: file.diagnostics() };
}

/** Of a file that has no mistakes. */
export async function verdictsOf(
  config: AgentConfig,
  text: string,
  files?: Readonly<Record<string, string>>,
): Promise<readonly Verdict[]> {
  const { verdicts, diagnostics } = await trying(config, text, files);
  assert.deepEqual(diagnostics, [], formatDiagnostics(diagnostics, { color: false }));
  return verdicts;
}
