import type { BatchProcessor, ComponentContext } from '../../component.ts';
import type { LogRecordProcessor } from '../../otel.ts';
import { groupsOf } from '../../ottl/batch.ts';
import type { TransformContext } from '../../ottl/context.ts';
import { OttlError } from '../../ottl/error.ts';
import { FailureLog } from '../../ottl/failure-log.ts';
import { anyHolds, compileGroup, type ErrorMode, type Group, type OnFailure } from '../../ottl/group.ts';
import { language } from '../../ottl/language.ts';
import type { ContextName } from '../../ottl/paths/contexts.ts';
import { contextOf, sound } from '../../ottl/settings.ts';
import type { LogRecord } from '../../record/log-record.ts';
import { batchProcessor } from '../batch-processor.ts';
import type { FilterConfig } from './config.ts';
import { isEmpty, type Matcher, matcher } from './match.ts';

/** Conditions that drop, by what they are asked of. */
interface Round {
  readonly mode: ErrorMode;
  readonly resource: Group['conditions'];
  readonly scope: Group['conditions'];
  readonly log: Group['conditions'];
}

/** Forwards what no condition drops. Where a condition fails in the mode `propagate`, nothing of the entry goes on. */
export function createFilterProcessor(
  config: FilterConfig,
  context: ComponentContext,
  next: LogRecordProcessor,
): BatchProcessor {
  const rounds = roundsOf(config, context);
  const keeps = keeper(config);
  const failures = new FailureLog(context.log, context.clock);
  const onFailure: OnFailure = (kind, text, error) => failures.add(kind, text, error);
  return batchProcessor(next, (records) => {
    let left = keeps ? records.filter(keeps) : records;
    const errors: OttlError[] = [];
    for (const round of rounds) left = remaining(left, round, errors, onFailure);
    if (errors.length > 0) throw new OttlError(errors.map(({ message }) => message).join('; '));
    return left;
  });
}

function roundsOf(
  { log_conditions, logs, error_mode: mode }: FilterConfig,
  { clock, random }: ComponentContext,
): Round[] {
  const words = language({ clock, random });
  const compile = (texts: readonly string[], context: ContextName | undefined) =>
    sound(compileGroup({ context, statements: [], conditions: texts }, words));
  if (log_conditions && log_conditions.length > 0) {
    return log_conditions.map((group) => {
      const named = contextOf(group.context);
      // Without a context, each condition has its own.
      const compiled = named
        ? [compile(group.conditions, named)]
        : group.conditions.map((text) => compile([text], undefined));
      const of = (context: ContextName) =>
        compiled.filter((one) => one.context === context).flatMap(({ conditions }) => conditions);
      return { mode: group.error_mode ?? mode, resource: of('resource'), scope: of('scope'), log: of('log') };
    });
  }
  const resource = compile(logs.resource ?? [], 'resource').conditions;
  const log = compile(logs.log_record ?? [], 'log').conditions;
  return resource.length + log.length > 0 ? [{ mode, resource, scope: [], log }] : [];
}

/** By `include` and `exclude`; undefined where they ask for nothing. */
function keeper({ log_conditions, logs }: FilterConfig): Matcher | undefined {
  if (log_conditions && log_conditions.length > 0) return undefined;
  const include = logs.include && !isEmpty(logs.include) ? matcher(logs.include) : undefined;
  const exclude = logs.exclude && !isEmpty(logs.exclude) ? matcher(logs.exclude) : undefined;
  if (!include && !exclude) return undefined;
  return (record) => (include?.(record) ?? true) && !exclude?.(record);
}

/** What a condition that fails would have dropped stays: the batch is refused then. */
function remaining(
  records: readonly LogRecord[],
  { mode, resource: resourceConditions, scope: scopeConditions, log }: Round,
  errors: OttlError[],
  onFailure: OnFailure,
): readonly LogRecord[] {
  const dropped = new Set<LogRecord>();
  const drops = (conditions: Group['conditions'], item: Omit<TransformContext, 'cache'>): boolean | 'failed' => {
    if (conditions.length === 0) return false;
    try {
      return anyHolds(conditions, { ...item, cache: {} }, mode, onFailure);
    } catch (error) {
      if (!(error instanceof OttlError)) throw error;
      errors.push(error);
      return 'failed';
    }
  };
  for (const { resource, scopes } of groupsOf(records)) {
    const ofResource = drops(resourceConditions, { resource });
    if (ofResource === 'failed') continue;
    for (const { scope, records: under } of scopes) {
      const ofScope = ofResource || drops(scopeConditions, { resource, scope });
      if (ofScope === 'failed') continue;
      for (const record of under) {
        if (ofScope || drops(log, { resource, scope, record }) === true) dropped.add(record);
      }
    }
  }
  return dropped.size === 0 ? records : records.filter((record) => !dropped.has(record));
}
