import type { LogRecordProcessor } from '../../otel.ts';
import type { LogRecord } from '../../record/log-record.ts';
import { isDouble, isInt, toNumber, type Value, type ValueMap } from '../../record/value.ts';
import { textOf } from '../../record/value-text.ts';
import { batchProcessor } from '../batch-processor.ts';
import type { SamplerConfig } from './config.ts';
import {
  ALWAYS,
  KEPT_BY_ALL,
  NEVER,
  parseRandomness,
  parseThreshold,
  probabilityOf,
  randomnessOfHash,
  randomnessOfTrace,
  randomnessText,
  seededHash,
  thresholdOf,
  thresholdOfBuckets,
  thresholdText,
} from './randomness.ts';

const THRESHOLD = 'sampling.threshold';
const RANDOMNESS = 'sampling.randomness';

/** Drops the records that chance, the same for every agent, does not keep. */
export function createSampler(config: SamplerConfig, next: LogRecordProcessor): LogRecordProcessor {
  const judge = judgeOf(config);
  const unclear = config.fail_closed ? NEVER : ALWAYS;
  const priorityOf = priorities(config);
  return batchProcessor(next, (records) =>
    records.filter((record) => {
      const attributes = record.attributes as ValueMap;
      const { randomness, threshold: judged, state } = judge(record, attributes);
      const threshold = priorityOf(attributes) ?? judged ?? unclear;
      const isKept = threshold <= (randomness ?? KEPT_BY_ALL);
      // A threshold never falls: the record stands for at least as many as before.
      if (isKept && state && (state.threshold === undefined || threshold >= state.threshold))
        attributes[THRESHOLD] = thresholdText(threshold);
      return isKept;
    }),
  );
}

interface Verdict {
  /** Undefined: there is none; every threshold but `NEVER` keeps the record. */
  readonly randomness: bigint | undefined;
  /** Undefined: something is amiss, and `fail_closed` decides. */
  readonly threshold: bigint | undefined;
  /** Undefined: what the record says of its sampling stays as it is. */
  readonly state: State | undefined;
}

type Judge = (record: LogRecord, attributes: ValueMap) => Verdict;

function judgeOf(config: SamplerConfig): Judge {
  const percentage = Math.min(100, Math.fround(config.sampling_percentage));
  const ratio = percentage / 100;
  const precision = config.sampling_precision;
  if (percentage === 0) return neverJudge;
  switch (config.mode) {
    case 'equalizing': {
      const least = thresholdOf(ratio, precision) ?? ALWAYS;
      return consistentJudge(({ threshold }) => (threshold !== undefined && threshold > least ? threshold : least));
    }
    case 'proportional':
      return consistentJudge(({ threshold }) => {
        const before = threshold === undefined ? 1 : probabilityOf(threshold);
        return thresholdOf(before * ratio, precision) ?? NEVER;
      });
    default: {
      const threshold = thresholdOfBuckets(percentage);
      return threshold === NEVER ? neverJudge : hashingJudge(config, threshold);
    }
  }
}

const neverJudge: Judge = (_record, attributes) => {
  const state = readState(attributes);
  return settled(KEPT_BY_ALL, state, attributes, () => NEVER);
};

/** By what the record says of its sampling, else by its trace id. */
function consistentJudge(decide: (state: State) => bigint): Judge {
  return (record, attributes) => {
    const state = readState(attributes);
    if (!state.isValid) return { randomness: undefined, threshold: undefined, state: undefined };
    const traceId = traceIdOf(record);
    const randomness = state.randomness ?? (traceId === undefined ? undefined : randomnessOfTrace(traceId));
    return settled(randomness, state, attributes, decide);
  };
}

/** By a hash. Records that say something of their sampling are not of this mode's. */
function hashingJudge(config: SamplerConfig, threshold: bigint): Judge {
  const { attribute_source, from_attribute: name, hash_seed: seed } = config;
  return (record, attributes) => {
    const traceId = attribute_source === 'traceID' ? traceIdOf(record) : undefined;
    const bytes = traceId === undefined ? bytesOf(attributes, name) : Buffer.from(traceId, 'hex');
    const randomness = bytes && randomnessOfHash(seededHash(bytes, seed));
    const state = readState(attributes);
    if (!state.isValid || state.randomness !== undefined || state.threshold !== undefined)
      return { randomness, threshold: undefined, state: undefined };
    if (randomness === undefined) return { randomness, threshold: undefined, state };
    attributes[RANDOMNESS] = randomnessText(randomness);
    return { randomness, threshold, state };
  };
}

/** A record that its own threshold would not have kept says something wrong: it is taken out. */
function settled(
  randomness: bigint | undefined,
  state: State,
  attributes: ValueMap,
  decide: (state: State) => bigint,
): Verdict {
  if (!state.isValid || randomness === undefined) return { randomness, threshold: undefined, state };
  if (state.threshold !== undefined && state.threshold > randomness) {
    delete attributes[THRESHOLD];
    return { randomness, threshold: undefined, state: { ...state, threshold: undefined } };
  }
  return { randomness, threshold: decide(state), state };
}

/** What a record says of its sampling. */
interface State {
  readonly isValid: boolean;
  readonly threshold: bigint | undefined;
  readonly randomness: bigint | undefined;
}

function readState(attributes: ValueMap): State {
  const [threshold, randomness] = [THRESHOLD, RANDOMNESS].map((key) => {
    const text = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
    if (typeof text !== 'string' || text === '') return { isValid: true, value: undefined };
    const value = key === THRESHOLD ? parseThreshold(text) : parseRandomness(text);
    return { isValid: value !== undefined, value };
  }) as [ParsedState, ParsedState];
  return { isValid: threshold.isValid && randomness.isValid, threshold: threshold.value, randomness: randomness.value };
}

type ParsedState = { readonly isValid: boolean; readonly value: bigint | undefined };

/** Thresholds by a percentage in an attribute of the record; undefined where it says nothing. */
function priorities({ sampling_priority: name, sampling_precision }: SamplerConfig) {
  return (attributes: ValueMap): bigint | undefined => {
    const value = name !== '' && Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    return isInt(value) || isDouble(value) ? thresholdOf(toNumber(value) / 100, sampling_precision) : undefined;
  };
}

/** Undefined for an absent one, and for all zeros. */
function traceIdOf({ spanContext }: LogRecord): string | undefined {
  const id = spanContext?.traceId;
  return typeof id === 'string' && /^[\da-f]{32}$/i.test(id) && /[^0]/.test(id) ? id : undefined;
}

/** Of an attribute: bytes as they are, else its text. Undefined where there are none. */
function bytesOf(attributes: ValueMap, name: string): Uint8Array | undefined {
  const value: Value = name !== '' && Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  const bytes = value instanceof Uint8Array ? value : Buffer.from(textOf(value));
  return bytes.length > 0 ? bytes : undefined;
}
