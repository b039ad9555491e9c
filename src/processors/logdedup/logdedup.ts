import type { Collector, ComponentContext, Joined } from '../../component.ts';
import type { HrTime } from '../../otel.ts';
import { FailureLog } from '../../ottl/failure-log.ts';
import { anyHolds, compileGroup, type Group } from '../../ottl/group.ts';
import { language } from '../../ottl/language.ts';
import { sound } from '../../ottl/settings.ts';
import { copyRecord, type LogRecord } from '../../record/log-record.ts';
import { mutableResource, mutableScope } from '../../record/resource.ts';
import { copyValue, type Value, type ValueMap } from '../../record/value.ts';
import type { LogDedupConfig } from './config.ts';
import { parseField, removeFields } from './fields.ts';
import { keyMaker } from './key.ts';
import { timestampWriter } from './timestamp.ts';

/** Records that are the same, in order. */
interface Equals {
  readonly first: LogRecord;
  readonly of: number[];
  from: HrTime;
  to: HrTime;
}

/** Equal records of a batch become one, which says how many they were and when the first and the last one came. */
export function createLogDedup(config: LogDedupConfig, context: ComponentContext): Collector {
  const excluded = config.exclude_fields.map(parseField);
  const keyOf = keyMaker(config.include_fields.map(parseField));
  const written = timestampWriter(config.timezone);
  const concerns = conditionTest(config.conditions, context);
  return {
    forMs: config.interval,
    join(records) {
      const joined: Joined[] = [];
      const equals = new Map<string, Equals>();
      for (const [index, given] of records.entries()) {
        const record = deepCopy(given);
        if (!concerns(record)) {
          joined.push({ record, of: [index] });
          continue;
        }
        removeFields(record, excluded);
        const key = keyOf(record);
        const known = equals.get(key);
        const at = record.hrTimeObserved;
        if (!known) {
          const entry: Equals = { first: record, of: [index], from: at, to: at };
          equals.set(key, entry);
          joined.push({ record, of: entry.of });
          continue;
        }
        known.of.push(index);
        if (isBefore(at, known.from)) known.from = at;
        if (isBefore(known.to, at)) known.to = at;
      }
      for (const { first, of, from, to } of equals.values()) {
        first.hrTime = to;
        first.hrTimeObserved = from;
        first.setAttribute(config.log_count_attribute, of.length);
        first.setAttribute('first_observed_timestamp', written(from));
        first.setAttribute('last_observed_timestamp', written(to));
      }
      return joined;
    },
  };
}

/** Whether a record is to be joined. A condition that fails does not hold, and is told. */
function conditionTest(
  texts: readonly string[],
  { clock, random, log }: ComponentContext,
): (record: LogRecord) => boolean {
  if (texts.length === 0) return () => true;
  const group: Group = sound(
    compileGroup({ context: 'log', statements: [], conditions: texts, plain: true }, language({ clock, random })),
  );
  const failures = new FailureLog(log, clock);
  return (record) =>
    anyHolds(
      group.conditions,
      {
        record,
        scope: mutableScope(record.instrumentationScope),
        resource: mutableResource(record.resource),
        cache: {},
      },
      'ignore',
      (kind, text, error) => failures.add(kind, text, error),
    );
}

/** It may have been encoded already, which is kept with the record: the copy has not. Its values may be changed in place. */
function deepCopy(record: LogRecord): LogRecord {
  const copy = copyRecord(record);
  copy.body = copyValue(record.body as Value) as LogRecord['body'];
  copy.attributes = copyValue(record.attributes as ValueMap) as LogRecord['attributes'];
  return copy;
}

const isBefore = (a: HrTime, b: HrTime) => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
