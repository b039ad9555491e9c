import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { currentMetrics } from '../../src/agent/metrics.ts';
import { MetricsServer } from '../../src/agent/metrics-server.ts';
import type { MetricsReader } from '../../src/config/model.ts';
import type { JournalStatus } from '../../src/journal/journal.ts';
import { type LogFields, silentLog } from '../../src/telemetry/log.ts';
import type { MetricFamily } from '../../src/telemetry/metrics/model.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { send } from '../support/raw-client.ts';
import { readPrometheus } from '../telemetry/prometheus-reader.ts';
import { agentStatus, delivery } from '../telemetry/status-samples.ts';

const journalStatus: JournalStatus = {
  first: 1,
  next: 11,
  bytes: 1000,
  maxBytes: 5000,
  full: false,
  failure: null,
  slowest: 'logs nop',
  oldestEnd: 1,
  freeBytes: null,
  syncs: { bounds: [0.001], counts: [3, 1], sum: 0.1 },
  duplicates: 0,
  notes: [],
};

function serverOf(t: TestContext, readers: readonly MetricsReader[], families?: () => MetricFamily[]) {
  const lines: [level: string, message: string, fields: LogFields][] = [];
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void lines.push([level, message, fields]);
  let scrapes = 0;
  const counter = () => [
    {
      name: 'scrapes',
      help: 'Of this page.',
      type: 'counter' as const,
      unit: '1',
      samples: [{ labels: {}, value: ++scrapes }],
    },
  ];
  const server = new MetricsServer({
    readers,
    clock: new FakeClock(),
    log: { ...silentLog, info: at('info'), warn: at('warn'), error: at('error') },
    families: families ?? counter,
  });
  t.after(() => server.shutdown(AbortSignal.abort()));
  return { server, lines };
}

/** A port that is taken until the test is over. */
async function takenPort(t: TestContext): Promise<number> {
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await new Promise((resolve) => taken.once('listening', resolve));
  return (taken.address() as { port: number }).port;
}

const free = { endpoint: 'localhost:0', path: 'service::telemetry::metrics::readers::0' };

describe('the metrics page', () => {
  it('is the present figures as Prometheus text', async (t) => {
    const { server } = serverOf(t, [free]);
    await server.start();
    const [at] = server.addresses;
    assert.equal(at?.address, '127.0.0.1');
    const url = `http://localhost:${at?.port}/metrics`;
    const response = await fetch(url);
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(await response.text(), '# HELP scrapes Of this page.\n# TYPE scrapes counter\nscrapes 1\n');
    assert.match(await (await fetch(`${url}?name=x`)).text(), /^scrapes 2$/m);
  });

  it('is answered to GET and HEAD, for whatever host, and nothing else is', async (t) => {
    const { server } = serverOf(t, [free]);
    await server.start();
    const port = server.addresses[0]?.port as number;
    const ask = (line: string) => send(port, `${line} HTTP/1.1\r\nhost: scrape.example\r\ncontent-length: 0\r\n\r\n`);
    assert.equal((await ask('GET /metrics'))?.status, 200);
    const head = await ask('HEAD /metrics');
    assert.equal(head?.status, 200);
    assert.match(head?.headers['content-type'] ?? '', /version=0\.0\.4/);
    for (const line of ['GET /', 'GET /metrics/x', 'POST /metrics', 'GET /debug'])
      assert.equal((await ask(line))?.status, 404, line);
    assert.equal(
      (await send(port, `GET /metrics HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`))?.status,
      431,
    );
  });

  it('is served at every address that is named', async (t) => {
    const { server } = serverOf(t, [free, { ...free, path: 'second' }]);
    await server.start();
    const ports = server.addresses.map(({ port }) => port);
    assert.equal(new Set(ports).size, 2);
    for (const port of ports) assert.equal((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 200);
    await server.shutdown(AbortSignal.timeout(1000));
    for (const port of ports) await assert.rejects(fetch(`http://127.0.0.1:${port}/metrics`));
  });

  it('needs nobody: without readers nothing listens', async (t) => {
    const { server, lines } = serverOf(t, []);
    await server.start();
    assert.deepEqual([server.addresses, lines], [[], []]);
  });

  it('whose default address is taken says how to choose another, and the agent starts', async (t) => {
    const port = await takenPort(t);
    const { server, lines } = serverOf(t, [{ endpoint: `localhost:${port}` }]);
    await server.start();
    assert.deepEqual(server.addresses, []);
    const [[level, message, fields] = ['', '', {}]] = lines;
    assert.deepEqual([lines.length, level], [1, 'warn']);
    assert.match(message, /default address/);
    assert.match(String(fields.reason), new RegExp(`localhost:${port}.*EADDRINUSE`));
    assert.match(String(fields.hint), /service::telemetry::metrics: \{ readers: .*port: 8889.*level: none/);
  });

  it('whose written address is taken keeps the agent from starting, in words and with the place', async (t) => {
    const port = await takenPort(t);
    const path = 'service::telemetry::metrics::readers::1';
    const { server } = serverOf(t, [free, { endpoint: `localhost:${port}`, path }]);
    await assert.rejects(server.start(), {
      message: `${path}: endpoint localhost:${port}: can't listen (EADDRINUSE): another process listens there; stop it or choose another port`,
    });
    assert.deepEqual(server.addresses, [], 'the first one is closed again');
  });

  it('answers 500 when the figures cannot be had, and shows nothing of the error', async (t) => {
    const { server, lines } = serverOf(t, [free], () => {
      throw new Error('planted');
    });
    await server.start();
    const response = await fetch(`http://127.0.0.1:${server.addresses[0]?.port}/metrics`);
    assert.deepEqual([response.status, await response.text()], [500, '']);
    assert.match(String(lines.find(([level]) => level === 'error')?.[2].error), /planted/);
  });
});

describe("an agent's present figures", () => {
  it('are those of its status, its journal and this process', async (t) => {
    const status = agentStatus({ deliveries: [delivery({ pending: 4 })] });
    const cursors = [{ name: 'logs nop', birth: 1, open: true, state: { cursor: 6, settled: [], counts: {} } }];
    const journal = { status: () => journalStatus, cursors: () => cursors };
    const { server } = serverOf(t, [free], () => currentMetrics(status, journal, { attributes: {} }));
    await server.start();
    const text = await (await fetch(`http://127.0.0.1:${server.addresses[0]?.port}/metrics`)).text();
    const values = new Map(
      readPrometheus(text).flatMap(({ samples }) => samples.map(({ name, value }) => [name, value])),
    );
    assert.equal(values.get('otelcol_exporter_queue_size'), 4);
    assert.equal(values.get('intercom_agent_journal_next_position'), 11);
    assert.equal(values.get('intercom_agent_journal_needed_bytes'), 500);
    assert.equal(values.get('intercom_agent_journal_sync_seconds_count'), 4);
    assert.ok((values.get('otelcol_process_memory_rss') as number) > 1e7);
    assert.ok((values.get('otelcol_process_cpu_seconds') as number) > 0);
    assert.ok(Math.abs((values.get('otelcol_process_uptime') as number) - process.uptime()) < 60);
    assert.ok(!values.has('intercom_agent_journal_volume_free_bytes'));
  });

  it('are there before the journal is open', () => {
    const names = currentMetrics(agentStatus({ phase: 'starting' }), undefined, { attributes: {} }).map(
      ({ name }) => name,
    );
    assert.ok(names.includes('otelcol_process_uptime'));
    assert.ok(!names.some((name) => name.includes('journal')));
  });
});
