import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { Agent } from '../../src/agent/agent.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { factories } from '../../src/registry.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { freePort, temporaryDirectory } from '../support/agent-process.ts';
import { MetricsSink } from '../support/metrics-sink.ts';

it('an agent sends its metrics to whom the configuration names, and once more when it stops', async (t) => {
  const sink = await MetricsSink.start();
  t.after(() => sink.close());
  const directory = await temporaryDirectory(t);
  const port = await freePort();
  const yaml = `
receivers: { intercom: { endpoint: '127.0.0.1:${port}', shutdown_delay: 0s, integrations: [{ name: a, application_name: a, signature: none, path: /a }] } }
exporters: { nop: }
extensions: { file_storage: { directory: ${JSON.stringify(join(directory, 'data'))} } }
service:
  extensions: [file_storage]
  telemetry:
    resource: { service.name: mine, service.instance.id: }
    metrics: { readers: [{ periodic: { interval: 30, exporter: { otlp: { endpoint: '${sink.url}' } } } }] }
  pipelines: { logs: { receivers: [intercom], exporters: [nop] } }
`;
  const { config, diagnostics } = await loadConfig({
    sources: [`yaml:${yaml}`],
    factories,
    environment: {},
    readFile: () => Promise.reject(new Error('none')),
  });
  assert.ok(config, JSON.stringify(diagnostics));
  const agent = new Agent({ config, version: '1.2.3', log: silentLog, clock: systemClock, random: Math.random });
  await agent.start();
  const first = await sink.has(1);
  assert.equal(first.url, '/v1/metrics');
  assert.deepEqual(
    first.decoded.resourceMetrics[0]?.resource.attributes.map(({ key, value }) => [key, value.stringValue]),
    [
      ['service.name', 'mine'],
      ['service.version', '1.2.3'],
    ],
  );
  const body = JSON.stringify({ type: 'notification_event', id: 'notif_1', topic: 'ping' });
  assert.equal((await fetch(`http://127.0.0.1:${port}/a`, { method: 'POST', body })).status, 200);
  await agent.shutdown({ deadline: AbortSignal.timeout(10_000), delayed: false });
  const last = sink.requests.at(-1)?.metrics;
  const accepted = last?.get('otelcol_receiver_accepted_log_records')?.sum?.dataPoints[0];
  assert.equal(String(accepted?.asInt), '1');
  const delivered = last?.get('intercom_agent_delivery_delivered')?.sum?.dataPoints[0];
  assert.equal(String(delivered?.asInt), '1');
});
