import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createDecoder } from '../../src/receivers/intercom/decode.ts';
import { encodeLogsRequest } from '../../src/record/otlp/protobuf.ts';
import { CountingSink } from './counting-sink.ts';
import { notification } from './notifications.ts';

const decode = createDecoder({ version: '0' });

function records(numbers: readonly number[]) {
  return numbers.flatMap((number) =>
    decode({
      ...{ source: 'intercom', records: 1, receivedAt: 1_700_000_000_000, position: 1, body: notification(number) },
      metadata: { integration: 'a', application_name: 'a', kind: 'notification' },
    }),
  );
}

async function sinkOf(t: TestContext, lanes: number) {
  const sink = await CountingSink.start(100, lanes);
  t.after(() => sink.close());
  const post = async (path: string, body: Buffer | Uint8Array | string, headers: Record<string, string>) =>
    (await fetch(sink.url + path, { method: 'POST', body: Buffer.from(body), headers })).status;
  return { sink, post };
}

describe('the counting sink', () => {
  it('counts records and distinct notifications of protobuf, plain and gzipped, lane by lane', async (t) => {
    const { sink, post } = await sinkOf(t, 2);
    const type = { 'content-type': 'application/x-protobuf' };
    assert.equal(await post('/v1/logs', encodeLogsRequest(records([1, 2, 2])), type), 200);
    const zipped = gzipSync(encodeLogsRequest(records([2, 3])));
    assert.equal(await post('/0/v1/logs', zipped, { ...type, 'content-encoding': 'gzip' }), 200);
    assert.equal(await post('/1/v1/logs', encodeLogsRequest(records([99])), type), 200);
    assert.deepEqual(
      sink.lanes.map(({ records, distinct, requests }) => ({ records, distinct, requests })),
      [
        { records: 5, distinct: 3, requests: 2 },
        { records: 1, distinct: 1, requests: 1 },
      ],
    );
  });

  it('counts those of JSON', async (t) => {
    const { sink, post } = await sinkOf(t, 1);
    const attributes = [{ key: 'log.record.uid', value: { stringValue: 'load-00000007' } }];
    const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes }, { attributes: [] }] }] }] };
    assert.equal(await post('/v1/logs', JSON.stringify(request), { 'content-type': 'application/json' }), 200);
    assert.deepEqual([sink.records, sink.distinct], [2, 1]);
  });

  it('answers 400 to what is none, and 503 while it refuses', async (t) => {
    const { sink, post } = await sinkOf(t, 1);
    const cut = encodeLogsRequest(records([1])).subarray(0, 100);
    assert.equal(await post('/v1/logs', cut, { 'content-type': 'application/x-protobuf' }), 400);
    sink.refusing = true;
    assert.equal(await post('/v1/logs', encodeLogsRequest(records([1])), {}), 503);
    assert.equal(sink.distinct, 0);
  });
});
