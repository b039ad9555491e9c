import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DESTINATIONS, startingConfiguration, variables } from '../../src/cli/starting-configuration.ts';
import { loadConfig } from '../../src/config/load.ts';
import { factories } from '../../src/registry.ts';
import { temporary } from '../control/fixtures.ts';
import { run } from '../support/run.ts';

async function load(yaml: string, names: readonly string[]) {
  const environment = Object.fromEntries(names.map((name) => [name, 'a'.repeat(36)]));
  return loadConfig({ sources: ['agent.yaml'], factories, environment, readFile: async () => yaml });
}

describe('`init`', () => {
  for (const to of DESTINATIONS) {
    test(`writes what is valid at once, without a warning: ${to}`, async () => {
      const wishes = {
        ...{
          to,
          application: 'café "$x" #1',
          subsystem: 'no',
          domain: 'us1.coralogix.com',
          endpoint: 'https://otlp.example.com',
        },
        publicUrl: 'https://hooks.example.com/in',
      };
      const { config, diagnostics } = await load(startingConfiguration(wishes), variables(wishes));
      assert.deepEqual(
        diagnostics.filter(({ severity }) => severity !== 'note'),
        [],
      );
      const receiver = config?.receivers.get('intercom')?.config as { integrations: { application_name: string }[] };
      assert.equal(receiver.integrations[0]?.application_name, 'café "$x" #1');
    });
  }

  test('takes options, overwrites nothing unasked, and says what comes next', async (t) => {
    const cwd = temporary(t);
    const printed = await run(['init', '--to', 'coralogix', '--output', '-'], { cwd });
    assert.match(printed.stdout, /^ {4}domain: eu2\.coralogix\.com$/m);
    const written = await run(['init', '--to', 'several', '--domain', 'us2.coralogix.com'], { cwd });
    assert.equal(written.code, 0, written.stderr);
    assert.match(written.stderr, /Set INTERCOM_CLIENT_SECRET, CORALOGIX_PRIVATE_KEY, OTLP_TOKEN and run/);
    assert.match(readFileSync(join(cwd, 'agent.yaml'), 'utf8'), /exporters: \[coralogix, otlp_http\]/);
    writeFileSync(join(cwd, 'agent.yaml'), 'mine');
    const refused = await run(['init', '--to', 'otlp'], { cwd });
    assert.deepEqual([refused.code, readFileSync(join(cwd, 'agent.yaml'), 'utf8')], [2, 'mine']);
    assert.match(refused.stderr, /agent\.yaml was not written: it exists: --force overwrites it/);
  });

  test('that can ask nobody says which option it needs', async (t) => {
    const { code, stderr } = await run(['init'], { cwd: temporary(t) });
    assert.equal(code, 2);
    assert.match(stderr, /--to is needed where nobody can be asked: one of coralogix, otlp, several, collector/);
  });
});
