/** What ten usual statements cost for each record of a notification of 2.4 KB, here and in the Collector. */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDecoder } from '../../src/receivers/intercom/decode.ts';
import { encodeLogsRequest } from '../../src/record/otlp/protobuf.ts';
import { freePort } from '../support/agent-process.ts';
import { notification } from '../support/notifications.ts';
import { cpuMicros } from '../support/process-cpu.ts';
import { BATCH, chainCost, entryOf } from './chain.ts';
import type { Row } from './rows.ts';

const STATEMENTS = [
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

export async function benchOttl(options: { seconds: number; otelcol?: string }): Promise<Row[]> {
  const body = notification(1);
  const bare = await chainCost(transform([]), options.seconds, body);
  const all = await chainCost(transform(STATEMENTS), options.seconds, body);
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

function transform(statements: readonly string[]): Record<string, unknown> {
  return { transform: { log_statements: statements } };
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
  const file = join(tmpdir(), `bench-${port}.yaml`);
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
    const before = await cpuMicros(child.pid as number);
    let count = 0;
    for (const until = performance.now() + seconds * 1000; performance.now() < until; count += BATCH) await send();
    return ((await cpuMicros(child.pid as number)) - before) / count;
  } finally {
    child.kill('SIGKILL');
  }
}
