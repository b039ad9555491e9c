// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language
/** A file as users of the Collector have it: blocks in the forms of its documentation, old names and idle components included. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { factories } from '../../src/registry.ts';

const FILE = String.raw`
receivers:
  intercom:
    integrations:
      - { name: s, client_secret: "@{env:S}", application_name: a, subsystem_name: b }
processors:
  batch:
    send_batch_size: 4000
    timeout: 10s
  batch/2:
  memory_limiter:
    check_interval: 1s
    limit_percentage: 80
    spike_limit_percentage: 15
  attributes/example:
    actions:
      - key: ticket.title
        action: delete
      - key: checked
        value: true
        action: upsert
      - key: origin
        from_attribute: source
        action: update
      - key: team.id
        value: 17
        action: insert
      - key: note
        action: delete
      - key: user.mail
        action: hash
      - key: retries
        action: convert
        converted_type: int
  resource:
    attributes:
    - key: deployment.zone
      value: "a"
      action: upsert
    - key: cluster
      from_attribute: cluster-name
      action: insert
    - key: left.over
      action: delete
  filter/ottl:
    error_mode: ignore
    logs:
      log_record:
        - 'IsMatch(body, "(?i)secret")'
        - 'severity_number < SEVERITY_NUMBER_WARN'
  transform:
    error_mode: ignore
    log_statements:
      - context: resource
        statements:
          - keep_keys(attributes, ["service.name", "service.namespace"])
      - context: log
        statements:
          - set(severity_text, "ERROR") where body == "lost"
          - replace_all_matches(attributes, "/teams/*", "/teams/{id}")
          - replace_all_patterns(attributes, "value", "team-\\d+", "team")
          - set(body, attributes["intercom.topic"])
  probabilistic_sampler:
    sampling_percentage: 15
  redaction:
    allow_all_keys: false
    allowed_keys:
      - intercom.topic
      - intercom.item.id
    ignored_keys:
      - intercom.app_id
    blocked_values:
      - "[0-9]{12,19}" # cards
    summary: debug
  groupbyattrs:
    keys:
      - cx.subsystem.name
  resourcedetection/env:
    detectors: [env, system]
    timeout: 2s
    override: false
exporters:
  debug:
    verbosity: detailed
    sampling_initial: 5
    sampling_thereafter: 200
  otlphttp:
    endpoint: https://otlp.acme.example:4318
    tls:
      insecure: false
      ca_file: /etc/acme/ca.pem
      cert_file: cert.pem
      key_file: key.pem
    compression: gzip
    retry_on_failure:
      enabled: true
      initial_interval: 5s
      max_interval: 30s
      max_elapsed_time: 300s
    sending_queue:
      enabled: true
      num_consumers: 10
      queue_size: 5000
      storage: file_storage/disk
      batch:
        flush_timeout: 200ms
        min_size: 5000
    timeout: 30s
    headers:
      x-tenant: "7"
  otlp_http/2:
    endpoint: http://localhost:4318
    logs_endpoint: http://localhost:4318/v1/logs
    auth:
      authenticator: bearertokenauth
  file/no_rotation:
    path: ./records
  file/rotation_with_default_settings:
    path: ./records2
    rotation:
  file/rotation_with_custom_settings:
    path: ./records3
    rotation:
      max_megabytes: 10
      max_days: 3
      max_backups: 3
      localtime: true
    format: proto
  coralogix:
    domain: "eu2.coralogix.com"
    private_key: "@{env:K}"
    application_name: acme
    subsystem_name: support
    application_name_attributes: ["service.namespace"]
    timeout: 30s
    rate_limiter: { enabled: true, threshold: 10, duration: 1m }
extensions:
  health_check:
    endpoint: "localhost:13133"
    path: "/alive"
  health_check/1:
  file_storage/disk:
    directory: ./data
    timeout: 1s
    compaction:
      on_start: true
      directory: ./data
      max_transaction_size: 65_536
    fsync: false
    create_directory: true
  bearertokenauth:
    token: "@{env:T}"
  basicauth/server:
    htpasswd:
      inline: |
        @{env:B}
service:
  telemetry:
    logs: { level: debug, encoding: json }
    metrics:
      level: detailed
      readers:
        - periodic:
            exporter:
              otlp: { protocol: http/protobuf, endpoint: http://localhost:4318 }
  extensions: [file_storage/disk, health_check, bearertokenauth]
  pipelines:
    logs:
      receivers: [intercom]
      processors: [memory_limiter, attributes/example, resource, filter/ottl, transform, redaction, groupbyattrs, resourcedetection/env, probabilistic_sampler, batch]
      exporters: [otlphttp, otlp_http/2, debug, coralogix, file/no_rotation]
`;

test('blocks in the forms of the documentation of the Collector load as they are', async () => {
  const { config, diagnostics } = await loadConfig({
    sources: ['collector.yaml'],
    environment: { S: 'a-client-secret-of-intercom', K: 'a-key-of-coralogix', T: 'a-token', B: 'user:password' },
    factories,
    readFile: () => Promise.resolve(FILE.replaceAll('@{', '${')),
  });
  const told = diagnostics.map(({ severity, path, message }) => `${severity}: ${path}: ${message}`);
  assert.deepEqual(
    told.filter((line) => line.startsWith('error')),
    [],
  );
  assert.equal(config?.service.pipelines[0]?.processors.length, 10);
  assert.deepEqual([...(config?.exporters.keys() ?? [])].slice(0, 3), ['debug', 'otlp_http', 'otlp_http/2']);
  // What it does not do as the Collector does is said, each in a line.
  for (const expected of [
    /note: processors::batch: passes records through/,
    /note: processors::memory_limiter: has no effect/,
    /note: exporters: the type "otlphttp" is an old name/,
    /warning: exporters::otlphttp::retry_on_failure::max_elapsed_time: .*dead letters/,
    /note: exporters::otlphttp::sending_queue::queue_size: has no effect here/,
    /warning: exporters::coralogix::rate_limiter: discards nothing here/,
    /note: extensions::file_storage\/disk::compaction: has no effect here/,
    /warning: extensions::file_storage\/disk::fsync: .*ignored/,
    /warning: processors: "batch\/2" is configured, but no pipeline uses it/,
  ]) {
    assert.ok(
      told.some((line) => expected.test(line)),
      String(expected),
    );
  }
});
