/** Finds the `log.record.uid` of every record of an OTLP logs request, and looks at nothing else: decoding all would cost the sink more than it costs the sender to encode. */

const KEY = 'log.record.uid';

/** @param found called for each record, without an argument when it has no uid */
export type Found = (uid?: string) => void;

/** Of protobuf. Throws when the bytes are none. */
export function uidsOfProtobuf(bytes: Buffer, found: Found): void {
  for (const resourceLogs of fields(bytes, 0, bytes.length, 1))
    for (const scopeLogs of fields(bytes, ...resourceLogs, 2))
      for (const record of fields(bytes, ...scopeLogs, 2)) found(uidOf(bytes, record));
}

/** Of JSON. */
export function uidsOfJson(bytes: Buffer, found: Found): void {
  const request = JSON.parse(bytes.toString('utf8')) as JsonRequest;
  for (const { scopeLogs = [] } of request.resourceLogs ?? [])
    for (const { logRecords = [] } of scopeLogs)
      for (const { attributes = [] } of logRecords)
        found(attributes.find(({ key }) => key === KEY)?.value?.stringValue);
}

interface JsonRequest {
  readonly resourceLogs?: readonly {
    readonly scopeLogs?: readonly {
      readonly logRecords?: readonly {
        readonly attributes?: readonly { readonly key: string; readonly value?: { readonly stringValue?: string } }[];
      }[];
    }[];
  }[];
}

type Span = readonly [from: number, to: number];

const RECORD_ATTRIBUTES = 6;

function uidOf(bytes: Buffer, [from, to]: Span): string | undefined {
  for (const attribute of fields(bytes, from, to, RECORD_ATTRIBUTES)) {
    const [key] = fields(bytes, ...attribute, 1);
    if (!key || key[1] - key[0] !== KEY.length || bytes.toString('latin1', ...key) !== KEY) continue;
    const [value] = fields(bytes, ...attribute, 2);
    const [text] = value ? fields(bytes, ...value, 1) : [];
    return text && bytes.toString('utf8', ...text);
  }
  return undefined;
}

/** Where the length-delimited fields of this number lie in the message between two places. */
function fields(bytes: Buffer, from: number, to: number, wanted: number): Span[] {
  const spans: Span[] = [];
  let at = from;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('the message ends in the middle of a field');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < to) {
    const tag = varint();
    switch (tag & 7) {
      case 0:
        varint();
        break;
      case 1:
        at += 8;
        break;
      case 5:
        at += 4;
        break;
      case 2: {
        const length = varint();
        if (tag >>> 3 === wanted) spans.push([at, at + length]);
        at += length;
        break;
      }
      default:
        throw new Error(`wire type ${tag & 7} at byte ${at}`);
    }
  }
  if (at !== to) throw new Error('a field is longer than its message');
  return spans;
}
