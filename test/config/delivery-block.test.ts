import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { factories } from '../../src/registry.ts';

async function load(exporter: string) {
  const yaml = `receivers: { intercom: { integrations: [{ name: a, client_secret: '\${env:S}', application_name: a, subsystem_name: b }] } }
exporters:
${exporter}
service: { pipelines: { logs: { receivers: [intercom], exporters: [${/ {2}([\w/]+):/.exec(exporter)?.[1]}] } } }
`;
  return loadConfig({
    sources: ['agent.yaml'],
    factories,
    environment: { S: 'x-12345678' },
    readFile: async () => yaml,
  });
}

async function policy(exporter: string) {
  const { config, diagnostics } = await load(exporter);
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  const [configured] = config?.exporters.values() ?? [];
  assert.ok(configured);
  return configured.factory.policy(configured.config);
}

const HTTP = '  otlp_http:\n    endpoint: http://localhost:4318\n';

test('by default nothing is given up: no limits of ours, for ever, and a full journal refuses', async () => {
  const { rules, retry } = await policy(HTTP);
  assert.deepEqual(rules, {
    maxRecordBytes: Number.POSITIVE_INFINITY,
    oversized: 'dead_letter',
    maxAgeMs: Number.POSITIVE_INFINITY,
    tooOld: 'restamp',
    whenFull: 'refuse',
    startAt: 'end',
  });
  assert.equal(retry.maxElapsedMs, 0);
});

test('Coralogix takes records of the last day and requests of 10 MB: its defaults know', async () => {
  const { rules } = await policy(
    '  coralogix: { domain: eu2.coralogix.com, private_key: k-12345678, application_name: a }\n',
  );
  assert.deepEqual([rules.maxAgeMs, rules.tooOld, rules.maxRecordBytes], [23 * 3600_000, 'restamp', 10_000_000]);
});

test('every rule can be set', async () => {
  const { rules, retry } = await policy(
    `${HTTP}    max_record_bytes: 1MiB\n    oversized: truncate_body\n    max_age: 2h\n    too_old: dead_letter\n    when_full: dead_letter_oldest\n    start_at: beginning\n    retry_on_failure: { max_elapsed_time: 10m }\n    outcomes: { 409: delivered, 5xx: hold }\n`,
  );
  assert.deepEqual(rules, {
    maxRecordBytes: 2 ** 20,
    oversized: 'truncate_body',
    maxAgeMs: 7_200_000,
    tooOld: 'dead_letter',
    whenFull: 'dead_letter_oldest',
    startAt: 'beginning',
  });
  assert.equal(retry.maxElapsedMs, 600_000);
});

test('max_elapsed_time below the intervals is an error in the words of the Collector, and else a warning', async () => {
  const messages = async (time: string) => {
    const { diagnostics } = await load(`${HTTP}    retry_on_failure: { max_elapsed_time: ${time} }\n`);
    return diagnostics.map(({ severity, message }) => `${severity}: ${message}`);
  };
  assert.match((await messages('1s')).join(), /error: .*'max_elapsed_time' must not be less than 'initial_interval'/);
  assert.match((await messages('6s')).join(), /error: .*'max_elapsed_time' must not be less than 'max_interval'/);
  assert.match((await messages('5m')).join(), /warning: .*makes dead letters of what was tried/);
  assert.deepEqual(await messages('0'), []);
});

test('outcomes takes statuses and classes that are no success, and known outcomes', async () => {
  for (const wrong of ['200: retry', '2xx: retry', '99: hold', '400: drop']) {
    const { config } = await load(`${HTTP}    outcomes: { ${wrong} }\n`);
    assert.equal(config, undefined, wrong);
  }
});
