import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
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

describe('sending_queue', () => {
  const errors = async (queue: string) => {
    const { diagnostics } = await load(`${HTTP}    sending_queue: ${queue}\n`);
    return diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ path, message }) => `${path?.replace('exporters::otlp_http::sending_queue::', '')}: ${message}`);
  };

  it('refuses what the Collector refuses, in its words', async () => {
    const cases: readonly (readonly [string, string])[] = [
      ['{ num_consumers: 0 }', 'num_consumers: `num_consumers` must be positive'],
      ['{ queue_size: -1 }', 'queue_size: `queue_size` must be positive'],
      ['{ storage: a/ }', 'storage: in "a/" id: the part after / should not be empty'],
      ['{ batch: { flush_timeout: 0s } }', 'batch::flush_timeout: `flush_timeout` must be positive'],
      ['{ batch: { min_size: -1 } }', 'batch::min_size: `min_size` must be non-negative, found -1'],
      [
        '{ batch: { min_size: 3, max_size: 2 } }',
        'batch::max_size: `max_size` (2) must be greater or equal to `min_size` (3)',
      ],
      [
        '{ batch: { partition: { metadata_keys: [a, A] } } }',
        'batch::partition::metadata_keys: duplicate entry in metadata_keys: "a" (case-insensitive)',
      ],
    ];
    for (const [queue, expected] of cases) assert.deepEqual(await errors(queue), [expected], queue);
    const both = await errors('{ storage: file_storage, wait_for_result: true }');
    assert.match(both.join(), /`wait_for_result` is not supported with a persistent queue/);
  });

  it('looks at nothing of what is switched off', async () => {
    for (const queue of [
      '{ enabled: false, num_consumers: 0, queue_size: 0, batch: { min_size: -1 } }',
      '{ batch: { enabled: false, min_size: -1, flush_timeout: 0s } }',
    ]) {
      assert.deepEqual(await errors(queue), [], queue);
    }
    const { maxInFlight, minRecords } = await policy(
      `${HTTP}    sending_queue: { enabled: false, num_consumers: 0, batch: { min_size: -1 } }\n`,
    );
    assert.deepEqual([maxInFlight, minRecords], [1, 1]);
  });

  it('counts batches in the unit of the queue, where that is written and theirs is not', async () => {
    const bytes = await policy(
      `${HTTP}    sending_queue: { sizer: bytes, queue_size: 5000, batch: { min_size: 7 } }\n`,
    );
    assert.equal(bytes.minBytes, 7);
    assert.equal((await policy(`${HTTP}    sending_queue: { sizer: bytes, batch: }\n`)).minRecords, 8192);
    assert.equal((await policy(`${HTTP}    sending_queue: { sizer: items }\n`)).minRecords, 8192);
    const tooSmall = 'batch::min_size: `min_size` must be less than or equal to `queue_size`';
    assert.deepEqual(await errors('{ sizer: items, batch: {} }'), [tooSmall]);
    assert.match((await errors('{ sizer: requests, batch: { min_size: 1 } }')).join(), /supports only `items` or/);
  });

  it('has at most 256 requests in flight, and says so', async () => {
    const { diagnostics } = await load(`${HTTP}    sending_queue: { num_consumers: 1000 }\n`);
    assert.match(diagnostics.map(({ message }) => message).join(), /at most 256 requests are in flight/);
    assert.equal((await policy(`${HTTP}    sending_queue: { num_consumers: 1000 }\n`)).maxInFlight, 256);
  });
});

describe('settings without effect', () => {
  const notes = async (settings: string) =>
    (await load(`${HTTP}${settings}`)).diagnostics.flatMap(({ severity, path, message, place }) =>
      severity === 'note' ? [`${path} ${place === undefined ? '' : 'at its place'}: ${message}`] : [],
    );

  it('are told where they are written, with the reason', async () => {
    assert.deepEqual(
      await notes('    sending_queue: { queue_size: 5, enabled: false }\n    force_attempt_http2: true\n'),
      [
        'exporters::otlp_http::sending_queue::queue_size at its place: has no effect here: the journal has the room of its volume',
        'exporters::otlp_http::sending_queue::enabled at its place: has no effect here: the journal is always the queue',
        'exporters::otlp_http::force_attempt_http2 at its place: has no effect here: requests go over HTTP/1.1',
      ],
    );
  });

  it('are not told where they ask for what happens anyway', async () => {
    assert.deepEqual(await notes("    sending_queue: { enabled: true, storage: ~ }\n    traces_endpoint: ''\n"), []);
  });

  it('are told once for a whole block', async () => {
    assert.equal((await notes('    cookies: { enabled: true }\n')).length, 1);
  });
});

test('a multiplier below 1 lets no wait become shorter', async () => {
  const shrinking = `${HTTP}    retry_on_failure: { multiplier: 0.5 }\n`;
  assert.equal((await policy(shrinking)).retry.multiplier, 1);
  assert.match((await load(shrinking)).diagnostics.map(({ message }) => message).join(), /stay as they are/);
});
