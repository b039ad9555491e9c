import { encodeLogRecordJson } from './json.ts';
import { encodeLogRecord } from './protobuf.ts';
import type { KeptEncoder } from './record-fields.ts';

/** As the `encoding` of exporters has it. */
export type OtlpEncodingName = 'proto' | 'json';

/** Of a record alone, without resource and scope. */
export const RECORD_ENCODERS: Readonly<Record<OtlpEncodingName, KeptEncoder>> = {
  proto: encodeLogRecord,
  json: encodeLogRecordJson,
};
