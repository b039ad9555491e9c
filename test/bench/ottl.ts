/** What ten usual statements cost for each record of a notification of 2.4 KB, here and in the Collector. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { routesOf } from '../../src/agent/components.ts';
import type { ComponentContext } from '../../src/component.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Routes } from '../../src/delivery/routes.ts';
import type { Entry } from '../../src/journal/journal.ts';
import { noAuthenticators } from '../../src/net/auth.ts';
import { createDecoder } from '../../src/receivers/intercom/decode.ts';
import { encodeLogsRequest } from '../../src/record/otlp/protobuf.ts';
import { factories } from '../../src/registry.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { freePort } from '../support/agent-process.ts';
import { FakeClock } from '../support/fake-clock.ts';

export interface Row {
  readonly name: string;
  readonly value: number;
  /** µs: CPU time for each record. */
  readonly unit: 'µs' | 'times';
}

export const STATEMENTS = [
  'set(log.attributes["topic"], log.body["intercom"]["topic"])',
  'set(log.attributes["item.id"], log.body["intercom"]["data"]["item"]["id"])',
  'set(log.severity_number, SEVERITY_NUMBER_WARN) where log.attributes["topic"] == "conversation.user.replied"',
  'set(log.severity_text, "WARN") where log.severity_number == SEVERITY_NUMBER_WARN',
  'delete_key(log.attributes, "intercom.admin.id")',
  'replace_pattern(log.attributes["topic"], "^conversation\\\\.", "c.")',
  'set(log.attributes["mail"], true) where IsMatch(log.body["intercom"]["data"]["item"]["source"]["body"], "[a-z.]+@[a-z.]+")',
  'set(log.attributes["short"], Substring(log.body["intercom"]["id"], 0, 5))',
  'set(log.attributes["joined"], Concat([log.attributes["topic"], log.attributes["item.id"]], "/"))',
  'set(resource.attributes["deployment.environment.name"], "production")',
];

const BATCH = 200;

export async function benchOttl(options: { seconds: number; otelcol?: string }): Promise<Row[]> {
  const body = notification();
  const bare = await ours([], options.seconds, body);
  const all = await ours(STATEMENTS, options.seconds, body);
  const own = all - bare;
  const rows: Row[] = [
    { name: `decoding a notification of ${body.length} bytes`, value: bare, unit: 'µs' },
    { name: 'ten statements on its record', value: own, unit: 'µs' },
  ];
  if (!options.otelcol) return rows;
  const idle = await theirs(options.otelcol, [], options.seconds, body);
  const busy = await theirs(options.otelcol, STATEMENTS, options.seconds, body);
  return [
    ...rows,
    { name: 'the Collector, taking the record over OTLP', value: idle, unit: 'µs' },
    { name: 'the Collector, ten statements', value: busy - idle, unit: 'µs' },
    { name: 'ten statements here, of what they cost the Collector', value: own / (busy - idle), unit: 'times' },
  ];
}

async function ours(statements: readonly string[], seconds: number, body: Buffer): Promise<number> {
  const configuration = {
    receivers: { intercom: { integrations: [{ name: 'a', signature: 'none', application_name: 'a' }] } },
    processors: { transform: { log_statements: statements } },
    exporters: { nop: null },
    service: { pipelines: { logs: { receivers: ['intercom'], processors: ['transform'], exporters: ['nop'] } } },
  };
  const { config, diagnostics } = await loadConfig({
    ...{ sources: ['bench.yaml'], environment: {}, factories },
    readFile: () => Promise.resolve(JSON.stringify(configuration)),
  });
  const [pipeline] = config?.service.pipelines ?? [];
  if (!config || !pipeline) throw new Error(JSON.stringify(diagnostics));
  const context = (id: string): ComponentContext => ({
    ...{ id, log: silentLog, clock: new FakeClock(), random: () => 0, version: '0', authenticators: noAuthenticators },
  });
  const routes = new Routes(
    routesOf(config, pipeline, (_, id) => context(id)),
    () => {},
  );
  const decode = createDecoder({ version: '0' });
  const entry = entryOf(body);
  const rounds = (until: number) => {
    let count = 0;
    while (performance.now() < until) {
      for (let index = 0; index < BATCH; index++) routes.run(entry, decode);
      count += BATCH;
    }
    return count;
  };
  rounds(performance.now() + 1000);
  const before = process.cpuUsage();
  const count = rounds(performance.now() + seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

function entryOf(body: Buffer): Entry {
  return {
    ...{ source: 'intercom', records: 1, receivedAt: 1_700_000_000_000, position: 1, body },
    metadata: { integration: 'a', application_name: 'a', kind: 'notification' },
  };
}

/** CPU time of the Collector for each record that it takes over OTLP, works on, and throws away. */
async function theirs(path: string, statements: readonly string[], seconds: number, body: Buffer): Promise<number> {
  const port = await freePort();
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    processors: { transform: { log_statements: statements.map((statement) => statement.replaceAll('$', '$$')) } },
    exporters: { nop: null },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { logs: { receivers: ['otlp'], processors: ['transform'], exporters: ['nop'] } },
    },
  };
  const file = join(process.env.TMPDIR ?? '/tmp', `bench-${port}.yaml`);
  await writeFile(file, JSON.stringify(config));
  const child = spawn(path, [`--config=${file}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  try {
    const decode = createDecoder({ version: '0' });
    const request = encodeLogsRequest(Array.from({ length: BATCH }, () => decode(entryOf(body))).flat());
    const send = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/v1/logs`, {
        ...{ method: 'POST', body: request, headers: { 'content-type': 'application/x-protobuf' } },
      });
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`the Collector answered ${response.status}`);
    };
    for (let attempt = 0; ; attempt++) {
      try {
        await send();
        break;
      } catch (error) {
        if (attempt > 100 || child.exitCode !== null)
          throw new Error(`the Collector does not run: ${said}`, { cause: error });
        await sleep(100);
      }
    }
    for (const until = performance.now() + 1000; performance.now() < until; ) await send();
    const before = cpuMillis(child.pid as number);
    let count = 0;
    for (const until = performance.now() + seconds * 1000; performance.now() < until; count += BATCH) await send();
    return ((cpuMillis(child.pid as number) - before) * 1000) / count;
  } finally {
    child.kill('SIGKILL');
  }
}

/** Of Linux: user and system time in ticks of 10 ms. */
function cpuMillis(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Invented, of the size of an average one. */
function notification(): Buffer {
  const words = 'Thanks for getting back to me so quickly, that solved it and the export works now. ';
  const author = { type: 'user', id: '63ca1db6', name: 'A. Person', email: 'person@example.com' };
  const item = {
    ...{
      type: 'conversation',
      id: '215468900012345',
      created_at: 1_700_000_000,
      updated_at: 1_700_000_100,
      state: 'open',
    },
    ...{ open: true, read: false, priority: 'not_priority', admin_assignee_id: 1234567, team_assignee_id: 7654321 },
    source: {
      type: 'conversation',
      id: '98765',
      delivered_as: 'customer_initiated',
      subject: '',
      body: `<p>${words.repeat(9)}</p>`,
      author,
    },
    contacts: { type: 'contact.list', contacts: [{ type: 'contact', id: '63ca1db6', external_id: '42' }] },
    teammates: { type: 'admin.list', admins: [{ type: 'admin', id: '1234567' }] },
    tags: { type: 'tag.list', tags: [{ type: 'tag', id: '1', name: 'export' }] },
    statistics: {
      time_to_assignment: 12,
      time_to_admin_reply: 340,
      count_reopens: 1,
      count_assignments: 2,
      count_conversation_parts: 7,
    },
    conversation_parts: {
      parts: [
        { type: 'conversation_part', id: '777', part_type: 'comment', body: `<p>${words.repeat(6)}</p>`, author },
      ],
      total_count: 1,
    },
  };
  return Buffer.from(
    JSON.stringify({
      ...{ type: 'notification_event', app_id: 'abc12345', id: 'notif_0b2f6b1c-5d3e-4d7c-9a5b-2f8f5f7b2c11' },
      ...{
        topic: 'conversation.user.replied',
        delivery_status: 'pending',
        delivery_attempts: 1,
        created_at: 1_700_000_100,
      },
      data: { type: 'notification_event_data', item },
    }),
  );
}
