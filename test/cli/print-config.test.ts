import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { run } from '../support/run.ts';

const DOOR = 'receivers: { intercom: { integrations: [{ name: a, application_name: b, client_secret: hunter2 }] } }';
const GOOD = `yaml:${DOOR}
exporters: { file: { path: x.jsonl } }
service: { pipelines: { logs: { receivers: [intercom], exporters: [file] } } }`;
const printConfig = (config: string, ...args: string[]) => run(['print-config', '--config', config, ...args]);

describe('`print-config`', () => {
  it('prints the configuration with its defaults as YAML and as JSON, secrets hidden unless asked for', async () => {
    const [yaml, json, shown] = await Promise.all([
      printConfig(GOOD, '--set', 'exporters.file.flush_interval=90s'),
      printConfig(GOOD, '--set', 'exporters.file.flush_interval=90s', '--format', 'json'),
      printConfig(GOOD, '--mode=unredacted'),
    ]);
    assert.deepEqual([yaml.code, json.code, shown.code], [0, 0, 0], yaml.stderr);
    assert.match(yaml.stdout, /^ {4}flush_interval: 1m30s$/m);
    assert.match(yaml.stdout, /^ {8}client_secret: "\[REDACTED\]"$/m);
    assert.ok(!(yaml.stdout + yaml.stderr + json.stdout).includes('hunter2'));
    assert.deepEqual(JSON.parse(json.stdout), parse(yaml.stdout));
    assert.match(shown.stdout, /client_secret: hunter2$/m);
  });

  it('prints what the sources say with --mode initial, right or wrong', async () => {
    const { code, stdout, stderr } = await printConfig(`yaml:${DOOR}`, '--mode', 'initial');
    assert.deepEqual([code, stderr], [0, '']);
    const integration = { name: 'a', application_name: 'b', client_secret: '[REDACTED]' };
    assert.deepEqual(parse(stdout), { receivers: { intercom: { integrations: [integration] } } });
  });

  it('prints integers of any size', async () => {
    const config = 'yaml:exporters: { otlp_http: { max_idle_conns: 9007199254740993 } }';
    const args = ['--mode', 'initial', '--format'];
    const [yaml, json] = await Promise.all([
      printConfig(config, ...args, 'yaml'),
      printConfig(config, ...args, 'json'),
    ]);
    assert.match(yaml.stdout, /max_idle_conns: 9007199254740993$/m);
    assert.match(json.stdout, /"max_idle_conns": 900719925474099\d$/m);
  });

  it('refuses what is wrong, unless told not to look', async () => {
    const wrong = `${GOOD}\nextensions: { health_check: { pth: x } }`;
    const [refused, printed, unknown, none] = await Promise.all([
      printConfig(wrong),
      printConfig(wrong, '--validate=false'),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the configuration language
      printConfig(GOOD, '--set', 'exporters.file.path=${nosuch:x}', '--validate=false'),
      printConfig('no-such-file.yaml', '--mode=initial'),
    ]);
    assert.deepEqual([refused.code, refused.stdout], [2, '']);
    assert.match(refused.stderr, /unknown key "pth"[\s\S]*1 error in the configuration; .*--validate=false/);
    assert.equal(printed.code, 0);
    assert.match(printed.stderr, /extensions::health_check is wrong/);
    assert.deepEqual((parse(printed.stdout) as { extensions: unknown }).extensions, {
      health_check: { pth: '[REDACTED]' },
    });
    for (const { code, stdout, stderr } of [unknown, none]) {
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /not supported|unable to read/);
    }
  });
});
