import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { MoreFigures } from '../../src/telemetry/metrics/definition.ts';
import { renderMetrics } from '../../src/telemetry/metrics/document.ts';
import { metrics, metricsOf } from '../../src/telemetry/metrics/metrics.ts';
import { prometheusText } from '../../src/telemetry/metrics/prometheus.ts';
import type { AgentStatus, DeliveryStatus } from '../../src/telemetry/status.ts';
import { repository } from '../support/shared.ts';
import { readPrometheus } from './prometheus-reader.ts';
import { agentStatus, delivery, NO_RELOADS } from './status-samples.ts';

const more: MoreFigures = {
  journal: {
    first: 101,
    next: 1101,
    neededBytes: 7,
    freeBytes: 5000,
    failure: null,
    syncs: { bounds: [0.001, 0.01], counts: [5, 2, 1], sum: 0.5 },
  },
  resource: { service_name: 'intercom-otel-agent', service_version: '1.2.3', service_instance_id: 'i' },
  process: { uptimeSeconds: 12.5, cpuSeconds: 1.25, residentBytes: 80e6, heapBytes: 20e6 },
};

/** Value by `name{labels}`, as the page has them. */
function page(status: AgentStatus, figures: MoreFigures = more): Map<string, number> {
  const families = readPrometheus(prometheusText(metricsOf(status, figures)));
  return new Map(
    families.flatMap(({ samples }) =>
      samples.map(({ name, labels, value }) => {
        const pairs = Object.entries(labels).map(([key, text]) => `${key}=${text}`);
        return [pairs.length > 0 ? `${name}{${pairs.join()}}` : name, value] as const;
      }),
    ),
  );
}

function expectValues(values: Map<string, number>, expected: Readonly<Record<string, number>>) {
  for (const [name, value] of Object.entries(expected)) assert.equal(values.get(name), value, name);
}

describe('metrics under the names of the Collector', () => {
  it('count by receiver what was stored and what was refused, for whatever reason', () => {
    const values = page(
      agentStatus({
        receivers: [
          { receiver: 'intercom', accepted: 7, duplicates: 2, refused: { signature: 3, full: 1 } },
          { receiver: 'intercom/eu', accepted: 0, duplicates: 0, refused: {} },
        ],
      }),
    );
    expectValues(values, {
      'otelcol_receiver_accepted_log_records{receiver=intercom,transport=http}': 7,
      'otelcol_receiver_refused_log_records{receiver=intercom,transport=http}': 4,
      'otelcol_receiver_accepted_log_records{receiver=intercom/eu,transport=http}': 0,
      'otelcol_receiver_refused_log_records{receiver=intercom/eu,transport=http}': 0,
      'intercom_agent_receiver_duplicates{receiver=intercom}': 2,
      'intercom_agent_receiver_refused{receiver=intercom,reason=signature}': 3,
      'intercom_agent_receiver_refused{receiver=intercom,reason=full}': 1,
    });
  });

  it('have one series for each exporter, over all pipelines that it stands in', () => {
    const values = page(
      agentStatus({
        deliveries: [
          delivery({ exporter: 'a', delivered: 10, pending: 3, send_failed: 1, in_flight: 2 }),
          delivery({ pipeline: 'logs/x', exporter: 'a', delivered: 5, pending: 4, send_failed: 2, in_flight: 1 }),
          delivery({ exporter: 'b', delivered: 1 }),
        ],
      }),
    );
    expectValues(values, {
      'otelcol_exporter_sent_log_records{exporter=a}': 15,
      'otelcol_exporter_sent_log_records{exporter=b}': 1,
      'otelcol_exporter_send_failed_log_records{exporter=a}': 3,
      'otelcol_exporter_queue_size{exporter=a,data_type=logs}': 7,
      'otelcol_exporter_queue_size{exporter=b,data_type=logs}': 0,
      'otelcol_exporter_in_flight_requests{exporter=a,data_type=logs}': 3,
      'intercom_agent_delivery_delivered{pipeline=logs,exporter=a}': 10,
      'intercom_agent_delivery_delivered{pipeline=logs/x,exporter=a}': 5,
    });
  });

  it('estimate how many records the journal has room for, by the size of those in it', () => {
    const journal = { ...agentStatus().journal, bytes: 500_000, max_bytes: 1e9 };
    const status = agentStatus({ journal, deliveries: [delivery(), delivery({ pipeline: 'logs/x' })] });
    const name = 'otelcol_exporter_queue_capacity{exporter=nop,data_type=logs}';
    assert.equal(page(status).get(name), 2e6, 'of 500 bytes each');
    const few = { ...more, journal: { ...(more.journal as NonNullable<MoreFigures['journal']>), next: 111 } };
    assert.equal(page(status, few).get(name), 390_625, 'of 2.5 KiB each, where there are too few to measure');
    assert.equal(page(agentStatus({ ...status, journal: { ...journal, max_bytes: 0 } })).get(name), undefined);
  });

  it('speak of the process', () => {
    expectValues(page(agentStatus()), {
      otelcol_process_uptime: 12.5,
      otelcol_process_cpu_seconds: 1.25,
      otelcol_process_memory_rss: 80e6,
      otelcol_process_runtime_heap_alloc_bytes: 20e6,
      'target_info{service_name=intercom-otel-agent,service_version=1.2.3,service_instance_id=i}': 1,
    });
  });
});

describe('our own metrics', () => {
  it("are the ledger's numbers, delivery by delivery", () => {
    const counts = {
      accepted: 55,
      delivered: 1,
      rejected_by_backend: 2,
      filtered: 3,
      dead_lettered: 4,
      lost: 5,
      expired: 6,
      pending: 34,
      ambiguous: 8,
      oldest_pending_seconds: 9.5,
    };
    const values = page(agentStatus({ deliveries: [delivery(counts)] }));
    for (const [key, value] of Object.entries(counts)) {
      assert.equal(values.get(`intercom_agent_delivery_${key}{pipeline=logs,exporter=nop}`), value, key);
    }
  });

  it('have the ledger in balance, whatever it is', () => {
    const count = fc.nat({ max: 1e9 });
    const counts = fc.record({
      delivered: count,
      rejected_by_backend: count,
      filtered: count,
      dead_lettered: count,
      lost: count,
      expired: count,
      pending: count,
    });
    fc.assert(
      fc.property(counts, (parts) => {
        const accepted = Object.values(parts).reduce((a, b) => a + b, 0);
        const values = page(agentStatus({ deliveries: [delivery({ ...parts, accepted })] }));
        const of = (key: string) =>
          values.get(`intercom_agent_delivery_${key}{pipeline=logs,exporter=nop}`) ?? Number.NaN;
        assert.equal(
          of('accepted'),
          Object.keys(parts).reduce((sum, key) => sum + of(key), 0),
        );
      }),
    );
  });

  it('say with 1 in which state a delivery is, and with 0 in which it is not', () => {
    const values = page(agentStatus({ deliveries: [delivery({ state: 'held' }), delivery({ exporter: 'b' })] }));
    const states = (exporter: string) =>
      [...values]
        .filter(
          ([name, value]) =>
            name.startsWith('intercom_agent_delivery_state') && name.includes(`exporter=${exporter},`) && value === 1,
        )
        .map(([name]) => /state=(\w+)/.exec(name)?.[1]);
    assert.deepEqual(states('nop'), ['held']);
    assert.deepEqual(states('b'), ['running']);
    assert.equal([...values.keys()].filter((name) => name.startsWith('intercom_agent_delivery_state')).length, 10);
  });

  it('have one state for what shows under the same names twice, such as an orphan beside a replay that waits', () => {
    const values = page(
      agentStatus({ deliveries: [delivery({ state: 'orphaned' }), delivery({ state: 'orphaned' })] }),
    );
    expectValues(values, { 'intercom_agent_delivery_state{pipeline=logs,exporter=nop,state=orphaned}': 1 });
  });

  it('speak of journal, dead letters and reasons', () => {
    const status = agentStatus({
      journal: { bytes: 60, max_bytes: 100, full: true, hours_left: 4.5, slowest: 'logs a', notes: [] },
      dead_letters: { letters: 3, bytes: 30, max_bytes: 40, full: true, expired: 2 },
      degraded: ['a', 'b'],
    });
    expectValues(page(status), {
      intercom_agent_degraded: 2,
      intercom_agent_journal_bytes: 60,
      intercom_agent_journal_needed_bytes: 7,
      intercom_agent_journal_limit_bytes: 100,
      intercom_agent_journal_volume_free_bytes: 5000,
      intercom_agent_journal_full: 1,
      intercom_agent_journal_failing: 1,
      intercom_agent_journal_hours_left: 4.5,
      intercom_agent_journal_oldest_position: 101,
      intercom_agent_journal_next_position: 1101,
      'intercom_agent_journal_sync_seconds_bucket{le=0.001}': 5,
      'intercom_agent_journal_sync_seconds_bucket{le=+Inf}': 8,
      intercom_agent_journal_sync_seconds_sum: 0.5,
      intercom_agent_dead_letters: 3,
      intercom_agent_dead_letters_bytes: 30,
      intercom_agent_dead_letters_limit_bytes: 40,
      intercom_agent_dead_letters_full: 1,
      intercom_agent_dead_letters_expired: 2,
    });
    const failing = { ...more, journal: { ...(more.journal as NonNullable<MoreFigures['journal']>), failure: 'EIO' } };
    expectValues(page(agentStatus(), failing), { intercom_agent_journal_full: 0, intercom_agent_journal_failing: 1 });
    expectValues(page(agentStatus()), { intercom_agent_journal_failing: 0 });
  });

  it('count reloads by what became of them, and say since when which configuration is in force', () => {
    const failure = { at: 6000, reason: 'agent.yaml:1:1: error: empty' };
    expectValues(page(agentStatus({ reloads: { succeeded: 2, failed: 1, last_success: 5500, failure } })), {
      'intercom_agent_config_reloads{result=success}': 2,
      'intercom_agent_config_reloads{result=failure}': 1,
      intercom_agent_config_last_reload_success_time: 5.5,
      intercom_agent_config_reload_failing: 1,
    });
    assert.equal(page(agentStatus()).get('intercom_agent_config_last_reload_success_time'), undefined);
  });

  it('count replays apart, together for each delivery', () => {
    const replay = (id: string, counts: Partial<DeliveryStatus>) => ({ ...delivery(counts), id, request: 'all' });
    const values = page(
      agentStatus({
        replays: [replay('1', { delivered: 2, pending: 3 }), replay('2', { delivered: 10, pending: 20 })],
      }),
    );
    expectValues(values, {
      'intercom_agent_replays{pipeline=logs,exporter=nop}': 2,
      'intercom_agent_replay_delivered{pipeline=logs,exporter=nop}': 12,
      'intercom_agent_replay_pending{pipeline=logs,exporter=nop}': 23,
    });
    assert.equal(values.get('otelcol_exporter_sent_log_records{exporter=nop}'), undefined);
  });

  it('leave out what nobody knows: before the journal is open, and where nothing grows', () => {
    const names = [...page(agentStatus(), { process: more.process, resource: more.resource }).keys()];
    assert.deepEqual(
      names.filter((name) => /journal|dead_letters/.test(name)),
      [],
    );
    assert.equal(page(agentStatus()).get('intercom_agent_journal_hours_left'), undefined);
  });
});

describe('every metric', () => {
  const full = agentStatus({
    receivers: [{ receiver: 'intercom', accepted: 1, duplicates: 1, refused: { path: 1 } }],
    journal: { bytes: 10, max_bytes: 100, full: false, hours_left: 3, slowest: null, notes: [] },
    deliveries: [delivery()],
    replays: [{ ...delivery(), id: '1', request: '' }],
    reloads: { ...NO_RELOADS, last_success: 1000 },
  });

  it('has a name of its own, a sentence of help, and exactly the labels that it declares', () => {
    const families = new Map(metricsOf(full, more).map((family) => [family.name, family]));
    assert.equal(families.size, metrics.length, 'names are unique, and each has a sample here');
    for (const { name, help, labels, type } of metrics) {
      assert.match(name, /^(otelcol|intercom_agent)(_[a-z]+)+$|^target_info$/);
      assert.doesNotMatch(name, /_total$/);
      assert.match(help, /^[A-Z1][^\n]+\.$/);
      for (const sample of families.get(name)?.samples ?? []) {
        assert.deepEqual(Object.keys(sample.labels), labels, name);
        assert.equal(typeof sample.value, type === 'histogram' ? 'object' : 'number', name);
      }
    }
  });

  it('is on the page once for each set of labels, whatever the deliveries are', () => {
    const id = fc.constantFrom('a', 'b', 'a/x', 'ü"\\\n');
    const status = fc.record({
      pipeline: id,
      exporter: id,
      state: fc.constantFrom('running' as const, 'held' as const),
    });
    const deliveries = fc.array(status, { minLength: 1 });
    fc.assert(
      fc.property(deliveries, fc.array(status), (live, replays) => {
        const values = agentStatus({
          deliveries: live.map(delivery),
          replays: replays.map((one, index) => ({ ...delivery(one), id: String(index), request: '' })),
        });
        // The reader refuses what is there twice.
        assert.ok(readPrometheus(prometheusText(metricsOf(values, more))).length > 20);
      }),
    );
  });

  it('is in docs/metrics.md, which is written by `npm run docs`', async () => {
    assert.equal(await readFile(join(repository, 'docs/metrics.md'), 'utf8'), renderMetrics());
    for (const { name } of metrics) assert.ok(renderMetrics().includes(`\`${name}\``), name);
  });
});
