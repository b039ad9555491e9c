import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { it } from 'node:test';
import { healthy, SECRET, startAgent, temporaryDirectory } from '../support/agent-process.ts';
import { CountingSink } from '../support/counting-sink.ts';
import { USUAL_BYTES } from '../support/notifications.ts';
import { startSending } from '../support/sender.ts';

const skip = availableParallelism() > 1 ? false : 'one core alone: there is no such thread';

it('under load, processing on a thread of its own loses and doubles nothing, for both encodings', {
  skip,
}, async (t) => {
  const sink = await CountingSink.start(100_000, 2);
  t.after(() => sink.close());
  const agent = await startAgent({
    directory: await temporaryDirectory(t),
    exporters: `  otlp_http/proto: { endpoint: '${sink.url}/0' }\n  otlp_http/json: { endpoint: '${sink.url}/1', encoding: json }\n`,
    use: ['otlp_http/proto', 'otlp_http/json'],
    processors: {
      yaml: `  transform: { log_statements: ['set(log.attributes["team"], "support")'] }`,
      use: ['transform'],
    },
    runArgs: ['--set', 'service.telemetry.logs.level=debug'],
  });
  t.after(() => void agent.child.kill('SIGKILL'));
  const { result } = startSending({
    ...{ port: Number(new URL(agent.origin).port), paths: ['/intercom/test'], secret: SECRET },
    ...{ seconds: 4, connections: 16, bytes: USUAL_BYTES, first: 0 },
  });
  await agent.logged(/Processing has a thread of its own/);
  const { sent, statuses } = await result;
  assert.deepEqual(statuses, { 200: sent });
  await healthy(agent, ({ deliveries }) => deliveries.every(({ pending }) => pending === 0), 30_000);
  for (const { records, distinct } of sink.lanes) assert.deepEqual([records, distinct], [sent, sent]);
  const { code } = await agent.kill('SIGTERM');
  assert.equal(code, 0);
});
