/** Run by json.test.ts under a heap limit: bodies of 5 MiB made to hurt, all the way from bytes to an encoded record. */
import { BODY_ERROR } from '../../src/intercom/convention.ts';
import { createDecoder } from '../../src/receivers/intercom/decode.ts';
import { scanTopLevel } from '../../src/record/json.ts';
import { encodeLogRecordJson } from '../../src/record/otlp/json.ts';
import { encodeLogsRequest } from '../../src/record/otlp/protobuf.ts';

const SIZE = 5 * 1024 * 1024;
const fill = (piece: string) => piece.repeat(Math.ceil(SIZE / piece.length));
const listOf = (piece: string) => `[${fill(`${piece},`)}${piece}]`;

const bodies: Record<string, () => string> = {
  'open brackets': () => fill('['),
  'nested objects': () => fill('{"a":'),
  'closed after 5 MiB': () => '['.repeat(SIZE / 2) + ']'.repeat(SIZE / 2),
  'empty arrays': () => listOf('[]'),
  'empty objects': () => listOf('{}'),
  zeros: () => listOf('0'),
  'long integers': () => listOf('9007199254740993'),
  'many keys': () => `{${Array.from({ length: SIZE / 12 }, (_, i) => `"k${i}":0`).join(',')}}`,
  quotes: () => fill('"'),
  'one string': () => `"${fill('x')}"`,
};

const decode = createDecoder({ version: '0' });
const outcomes: Record<string, string> = {};
for (const [name, make] of Object.entries(bodies)) {
  const body = Buffer.from(make());
  scanTopLevel(body, ['id', 'topic']);
  const records = decode({ position: 1, source: 'intercom', receivedAt: 0, records: 1, metadata: {}, body });
  outcomes[name] = String(records[0]?.attributes[BODY_ERROR] ?? 'ok');
  if (encodeLogsRequest(records).length < SIZE / 4) outcomes[name] = 'not encoded';
  // OTLP/JSON is the largest form: the worst of them is enough.
  if (name === 'empty objects') for (const record of records) encodeLogRecordJson(record);
}
const maxRssMiB = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(JSON.stringify({ outcomes, maxRssMiB }));
