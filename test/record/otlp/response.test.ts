import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  decodeLogsResponse,
  decodeLogsResponseJson,
  decodeStatus,
  decodeStatusJson,
} from '../../../src/record/otlp/response.ts';
import { ForeignResponse } from './foreign.ts';

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

test('a partial success is read as others write it', () => {
  fc.assert(
    fc.property(fc.nat(), fc.string(), (rejectedLogRecords, errorMessage) => {
      const bytes = ForeignResponse.encode({ partialSuccess: { rejectedLogRecords, errorMessage } }).finish();
      assert.deepEqual(decodeLogsResponse(bytes), { rejectedLogRecords, errorMessage });
      const text = json({ partialSuccess: { rejectedLogRecords: String(rejectedLogRecords), errorMessage } });
      assert.deepEqual(decodeLogsResponseJson(text), { rejectedLogRecords, errorMessage });
    }),
  );
});

test('no partial success means that all was taken', () => {
  const all = { rejectedLogRecords: 0, errorMessage: '' };
  assert.deepEqual(decodeLogsResponse(new Uint8Array()), all);
  assert.deepEqual(decodeLogsResponse(ForeignResponse.encode({ partialSuccess: {} }).finish()), all);
  for (const value of [
    {},
    { partialSuccess: null },
    { partialSuccess: {} },
    { partialSuccess: { rejectedLogRecords: 0 } },
  ]) {
    assert.deepEqual(decodeLogsResponseJson(json(value)), all);
  }
});

test('a status is read from protobuf and JSON', () => {
  // code 3, message "bad", and details (an Any), which are skipped.
  const bytes = Buffer.from([0x08, 3, 0x12, 3, 0x62, 0x61, 0x64, 0x1a, 2, 0x0a, 0]);
  assert.deepEqual(decodeStatus(bytes), { code: 3, message: 'bad' });
  assert.deepEqual(decodeStatusJson(json({ code: 3, message: 'bad', details: [] })), { code: 3, message: 'bad' });
  assert.deepEqual(decodeStatusJson(json({ message: 'bad' })), { code: 0, message: 'bad' });
});

test('what is no such message is undefined', () => {
  const html = Buffer.from('<html><body>502 Bad Gateway</body></html>');
  for (const decode of [decodeLogsResponse, decodeStatus, decodeLogsResponseJson, decodeStatusJson]) {
    assert.equal(decode(html), undefined);
    assert.equal(decode(Buffer.from('null')), undefined);
    assert.equal(decode(Buffer.from('[1]')), undefined);
  }
  assert.equal(decodeStatus(new Uint8Array()), undefined);
  assert.equal(decodeStatusJson(json({})), undefined);
  assert.equal(decodeStatusJson(json({ code: 'x', message: 'bad' })), undefined);
  for (const rejectedLogRecords of [-1, 1.5, 'many', {}]) {
    assert.equal(decodeLogsResponseJson(json({ partialSuccess: { rejectedLogRecords } })), undefined);
  }
  assert.equal(decodeLogsResponseJson(json({ partialSuccess: 5 })), undefined);
  assert.equal(decodeLogsResponse(Buffer.from([0x0a, 5, 0x08])), undefined, 'cut short');
  assert.equal(decodeLogsResponse(Buffer.from([0x0a, 3, 0x12, 1, 0xff])), undefined, 'not UTF-8');
});

test('bytes of any kind are a message or undefined', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      for (const decode of [decodeLogsResponse, decodeLogsResponseJson]) {
        const response = decode(bytes);
        assert.ok(response === undefined || Number.isSafeInteger(response.rejectedLogRecords));
      }
      for (const decode of [decodeStatus, decodeStatusJson]) {
        const status = decode(bytes);
        assert.ok(status === undefined || typeof status.message === 'string');
      }
    }),
  );
});
