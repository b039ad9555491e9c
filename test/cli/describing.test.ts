/** Commands that tell of the program itself. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { configurationSchema } from '../../src/config/json-schema.ts';
import { factories } from '../../src/registry.ts';
import { run } from '../support/run.ts';
import { repository } from '../support/shared.ts';

describe('`schema`', () => {
  it('prints the JSON Schema that the package holds', async () => {
    const { code, stdout } = await run(['schema']);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(configurationSchema(factories))));
    assert.equal(stdout, await readFile(join(repository, 'config/schema.json'), 'utf8'), 'npm run docs writes it');
  });
});

describe('`components`', () => {
  it("lists everything in the Collector's form, as YAML and as JSON", async () => {
    const [yaml, json] = await Promise.all([run(['components']), run(['components', '--json'])]);
    const list = parse(yaml.stdout) as Record<string, Record<string, unknown>[]>;
    assert.deepEqual(Object.keys(list), [
      ...['buildinfo', 'receivers', 'processors', 'exporters', 'connectors', 'extensions', 'providers', 'converters'],
    ]);
    const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { version: string };
    const otlp = list.exporters?.find(({ name }) => name === 'otlp_http');
    assert.equal(otlp?.module, `intercom-otel-agent/exporters/otlp_http ${version}`);
    assert.match(JSON.stringify(otlp?.stability), /^\{"logs":"[A-Z][a-z]+"\}$/);
    assert.match(JSON.stringify(list.extensions?.[0]?.stability), /^\{"extension":"[A-Z][a-z]+"\}$/);
    assert.deepEqual(
      list.providers?.map(({ scheme }) => scheme),
      ['env', 'file', 'http', 'https', 'yaml'],
    );
    assert.deepEqual(JSON.parse(json.stdout), list);
  });
});
