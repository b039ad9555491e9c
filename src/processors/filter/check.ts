import type { ConfigRemark } from '../../component.ts';
import { contextOf, problemsOf, remarkOf, textPath, unknownContext } from '../../ottl/settings.ts';
import type { FilterConfig, MatchProperties } from './config.ts';
import { isEmpty, MatchError, matcher } from './match.ts';

/** What is wrong with the conditions, at their places, and with the ways to filter that exclude each other. */
export function checkFilter(config: FilterConfig): ConfigRemark[] {
  const { logs, log_conditions } = config;
  const remarks: ConfigRemark[] = [];
  const ottl = logs.resource !== undefined || logs.log_record !== undefined;
  const old = logs.include !== undefined || logs.exclude !== undefined;
  if (log_conditions !== undefined && (ottl || old)) {
    const message = `cannot use context inferred log conditions "log_conditions" and the settings "logs.resource", "logs.log", "logs.include", "logs.exclude" at the same time`;
    return [{ severity: 'error', path: ['log_conditions'], message }];
  }
  if (ottl && old) {
    const message = `cannot use "logs.resource", "logs.log" and the settings "logs.include", "logs.exclude" at the same time`;
    const suggestion = 'write all of it as conditions, under log_conditions';
    return [{ severity: 'error', path: ['logs'], message, suggestion }];
  }
  remarks.push(...checkGroups(config));
  for (const [key, context] of [
    ['resource', 'resource'],
    ['log_record', 'log'],
  ] as const) {
    for (const problem of problemsOf({ context, plain: true, statements: [], conditions: logs[key] ?? [] })) {
      remarks.push(remarkOf(problem, ['logs', key, problem.index ?? 0]));
    }
  }
  for (const key of ['include', 'exclude'] as const) remarks.push(...checkMatch(key, logs[key]));
  remarks.push(...checkOthers(config));
  return remarks;
}

function checkGroups({ log_conditions = [] }: FilterConfig): ConfigRemark[] {
  const field = 'log_conditions';
  return log_conditions.flatMap((group, index): ConfigRemark[] => {
    const unknown = unknownContext(group, 'conditions', group.conditions);
    if (unknown !== undefined) {
      const suggestion = 'the contexts of logs are: log, scope, resource';
      return [{ severity: 'error', path: [field, index, 'context'], message: unknown, suggestion }];
    }
    const { conditions } = group;
    const context = contextOf(group.context);
    if (context) {
      return problemsOf({ context, statements: [], conditions }).map((problem) =>
        remarkOf(problem, textPath(field, index, group, 'conditions', problem.index)),
      );
    }
    return conditions.flatMap((text, at) =>
      problemsOf({ statements: [], conditions: [text] }).map((problem) =>
        remarkOf(problem, textPath(field, index, group, 'conditions', at)),
      ),
    );
  });
}

function checkMatch(key: 'include' | 'exclude', match: MatchProperties | undefined): ConfigRemark[] {
  if (!match || isEmpty(match)) return [];
  try {
    matcher(match);
    return [];
  } catch (error) {
    if (!(error instanceof MatchError)) throw error;
    const isType = error.message.includes('match_type: ');
    const suggestion =
      match.match_type === 'expr' ? 'expressions are not supported: write conditions, under log_conditions' : undefined;
    return [
      {
        severity: 'error',
        path: ['logs', key, isType ? 'match_type' : error.key],
        message: error.message,
        ...(suggestion && { suggestion }),
      },
    ];
  }
}

const OTHERS = [
  ...(['spans', 'traces', 'metrics', 'profiles'] as const),
  ...(['trace_conditions', 'metric_conditions', 'profile_conditions'] as const),
];

function checkOthers(config: FilterConfig): ConfigRemark[] {
  return OTHERS.filter((key) => config[key] !== undefined && Object.keys(config[key]).length > 0).map((key) => ({
    severity: 'warning',
    path: [key],
    message: 'without effect: this agent carries logs only',
  }));
}
