/** Statements on one record, as `transform` runs them. */
import { compileGroup, type GroupText, runGroup } from '../../src/ottl/group.ts';
import { language } from '../../src/ottl/language.ts';
import { LogRecord } from '../../src/record/log-record.ts';
import { RecordResource } from '../../src/record/resource.ts';
import type { Value } from '../../src/record/value.ts';
import { FakeClock } from '../support/fake-clock.ts';

export const words = language({ clock: new FakeClock(Date.UTC(2026, 0, 10)), random: () => 0.5 });

export interface Fields {
  readonly body?: Value;
  readonly attributes?: Record<string, Value>;
  readonly resource?: Record<string, Value>;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly eventName?: string;
}

export function recordOf({ resource, ...fields }: Fields = {}): LogRecord {
  const record = new LogRecord({
    hrTime: [1_700_000_000, 5],
    hrTimeObserved: [1_700_000_001, 0],
    resource: new RecordResource({ attributes: structuredClone(resource ?? {}) }),
    instrumentationScope: { name: 'scope', version: '1' },
    ...(fields as object),
  });
  return record;
}

/** Compiles and runs them; what is wrong with them, or with the record, is thrown. */
export function run(group: string | Partial<GroupText>, record: LogRecord): LogRecord {
  const text = typeof group === 'string' ? { statements: [group] } : group;
  const compiled = compileGroup({ statements: [], conditions: [], ...text }, words);
  if ('problems' in compiled) throw compiled.problems[0]?.error;
  const context = {
    record,
    resource: record.resource as RecordResource,
    scope: record.instrumentationScope as { name: string },
    cache: {},
  };
  runGroup(compiled, context, 'propagate', () => undefined);
  return record;
}

/** What the expression gives for the record. */
export function evaluate(expression: string, fields: Fields = {}): Value {
  const record = recordOf(fields);
  run(`set(log.body, [${expression}])`, record);
  return (record.body as Value[])[0];
}

/** Whether the condition holds for the record. */
export function holds(condition: string, fields: Fields = {}): boolean {
  const record = recordOf(fields);
  run(`set(log.event_name, "it holds") where ${condition}`, record);
  return record.eventName === 'it holds';
}
