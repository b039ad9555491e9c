/** What the steps from an entry's bytes to the bytes of its record cost, without processors. */
import { attributesOf } from '../../src/intercom/attributes.ts';
import { createDecoder } from '../../src/receivers/intercom/decode.ts';
import { parseJson } from '../../src/record/json.ts';
import type { LogRecord } from '../../src/record/log-record.ts';
import { encodeLogRecordJson } from '../../src/record/otlp/json.ts';
import { encodeLogRecord } from '../../src/record/otlp/protobuf.ts';
import type { Value } from '../../src/record/value.ts';
import { notification } from '../support/notifications.ts';
import { entryOf } from './chain.ts';
import { median } from './figures.ts';
import type { Row } from './rows.ts';

/** Records at a time: few enough that most rounds end before the garbage is collected. */
const BATCH = 100;
/** Rounds until the code is compiled. */
const WARM_UP = 50;

interface Step {
  readonly name: string;
  /** For the records of one round; not measured. */
  readonly prepare: () => (() => void)[];
}

export function benchSteps(seconds: number): Row[] {
  const bodies = Array.from({ length: BATCH }, (_, number) => notification(number));
  const decode = createDecoder({ version: '0' });
  const encoding = (name: string, encode: (record: LogRecord) => Uint8Array): Step => ({
    name,
    prepare: () => bodies.map((body) => decode(entryOf(body))[0] as LogRecord).map((record) => () => encode(record)),
  });
  const steps: Step[] = [
    { name: 'JSON to a tree', prepare: () => bodies.map((body) => () => parseJson(body)) },
    {
      name: 'attributes',
      prepare: () => bodies.map((body) => JSON.parse(body.toString()) as Value).map((tree) => () => attributesOf(tree)),
    },
    { name: 'all of decoding', prepare: () => bodies.map(entryOf).map((entry) => () => decode(entry)) },
    encoding('encoding as protobuf', encodeLogRecord),
    encoding('encoding as JSON', encodeLogRecordJson),
  ];
  return steps.flatMap((step) => cost(step, seconds / 2));
}

/** Medians over rounds: what else the machine does, and rounds in which garbage was collected, count little. */
function cost({ name, prepare }: Step, seconds: number): Row[] {
  const micros: number[] = [];
  const bytes: number[] = [];
  const end = performance.now() + seconds * 1000;
  for (let round = 0; round < WARM_UP || micros.length === 0 || performance.now() < end; round++) {
    const work = prepare();
    const memory = allocated();
    const start = performance.now();
    for (const run of work) run();
    const took = performance.now() - start;
    const garbage = allocated() - memory;
    if (round < WARM_UP) continue;
    micros.push((took * 1000) / BATCH);
    bytes.push(garbage / BATCH / 1000);
  }
  return [
    { name, value: median(micros), unit: 'µs' },
    { name: `${name}: garbage`, value: median(bytes), unit: 'KB' },
  ];
}

function allocated(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
