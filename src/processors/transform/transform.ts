import type { BatchProcessor, ComponentContext, ConfigRemark } from '../../component.ts';
import type { LogRecordProcessor } from '../../otel.ts';
import { Owners, type ResourceGroup } from '../../ottl/batch.ts';
import type { TransformContext } from '../../ottl/context.ts';
import { FailureLog } from '../../ottl/failure-log.ts';
import { compileGroup, type ErrorMode, type Group, type OnFailure, runGroup } from '../../ottl/group.ts';
import { language } from '../../ottl/language.ts';
import {
  contextOf,
  problemsOf,
  remarkOf,
  sound,
  syntaxProblems,
  textPath,
  unknownContext,
} from '../../ottl/settings.ts';
import { batchProcessor } from '../batch-processor.ts';
import type { TransformConfig } from './config.ts';

/** Runs the groups one after the other, each over all records of the entry, and forwards them. */
export function createTransformProcessor(
  config: TransformConfig,
  context: ComponentContext,
  next: LogRecordProcessor,
): BatchProcessor {
  const words = language({ clock: context.clock, random: context.random });
  const groups = config.log_statements.map((settings) => ({
    group: sound(compileGroup({ ...settings, context: contextOf(settings.context) }, words)),
    mode: settings.error_mode ?? config.error_mode,
  }));
  const writes = new Set(
    groups.flatMap(({ group }) => group.statements.flatMap(({ compiled }) => [...compiled.writes])),
  );
  const owners = new Owners(writes);
  const failures = new FailureLog(context.log, context.clock);
  const onFailure: OnFailure = (kind, text, error) => failures.add(kind, text, error);
  return batchProcessor(next, (records) => {
    owners.lend(records, (resources) => {
      for (const { group, mode } of groups) runOver(resources, group, mode, onFailure);
    });
    return records;
  });
}

function runOver(resources: readonly ResourceGroup[], group: Group, mode: ErrorMode, onFailure: OnFailure): void {
  const run = (item: Omit<TransformContext, 'cache'>) => runGroup(group, { ...item, cache: {} }, mode, onFailure);
  for (const { resource, scopes } of resources) {
    if (group.context === 'resource') {
      run({ resource });
      continue;
    }
    for (const { scope, records } of scopes) {
      if (group.context === 'scope') run({ resource, scope });
      else for (const record of records) run({ resource, scope, record });
    }
  }
}

/** What is wrong with the statements, at their places. */
export function checkTransform(config: TransformConfig): ConfigRemark[] {
  const remarks: ConfigRemark[] = [];
  const field = 'log_statements';
  for (const [index, group] of config.log_statements.entries()) {
    const unknown = unknownContext(group, 'statements', group.statements);
    if (unknown !== undefined) {
      const suggestion = 'the contexts of logs are: log, scope, resource';
      remarks.push({ severity: 'error', path: [field, index, 'context'], message: unknown, suggestion });
      continue;
    }
    for (const problem of problemsOf({ ...group, context: contextOf(group.context) })) {
      remarks.push(remarkOf(problem, textPath(field, index, group, problem.list, problem.index)));
    }
  }
  for (const signal of ['trace', 'metric', 'profile'] as const)
    remarks.push(...checkOther(config, `${signal}_statements`));
  if (config.flatten_data) {
    const message = `'flatten_data' requires the 'transform.flatten.logs' feature gate to be enabled`;
    const suggestion = 'this agent does not have it: the records of an entry share their resource as they are';
    remarks.push({ severity: 'error', path: ['flatten_data'], message, suggestion });
  }
  return remarks;
}

/** Statements for other signals do nothing here, but what could never be read is told. */
function checkOther(
  config: TransformConfig,
  key: 'trace_statements' | 'metric_statements' | 'profile_statements',
): ConfigRemark[] {
  const statements = config[key] ?? [];
  if (statements.length === 0) return [];
  const remarks: ConfigRemark[] = [
    { severity: 'warning', path: [key], message: 'without effect: this agent carries logs only' },
  ];
  for (const [index, group] of statements.entries()) {
    for (const list of ['statements', 'conditions'] as const) {
      const problems = syntaxProblems(list, group[list]);
      remarks.push(...problems.map((problem) => remarkOf(problem, textPath(key, index, group, list, problem.index))));
    }
  }
  return remarks;
}
