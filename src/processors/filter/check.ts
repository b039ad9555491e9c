import type { ConfigRemark } from '../../component.ts';
import { contextOf, problemsOf, remarkOf, syntaxProblems, textPath, unknownContext } from '../../ottl/settings.ts';
import type { FilterConfig, MatchProperties } from './config.ts';
import { isEmpty, MatchError, matcher } from './match.ts';

/** What is wrong with the conditions, at their places, and with the ways to filter that exclude each other. */
export function checkFilter(config: FilterConfig): ConfigRemark[] {
  const { logs, log_conditions } = config;
  const remarks: ConfigRemark[] = [];
  const ottl = logs.resource !== undefined || logs.log_record !== undefined;
  const old = Boolean(logs.include ?? logs.exclude);
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

function checkMatch(key: 'include' | 'exclude', match: MatchProperties | null | undefined): ConfigRemark[] {
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

const SECTIONS = ['spans', 'traces', 'metrics', 'profiles'] as const;
const LISTS = ['trace_conditions', 'metric_conditions', 'profile_conditions'] as const;

/** Conditions for other signals do nothing here, but what could never be read is told. */
function checkOthers(config: FilterConfig): ConfigRemark[] {
  const remarks: ConfigRemark[] = [];
  const without = (key: string) =>
    remarks.push({ severity: 'warning', path: [key], message: 'without effect: this agent carries logs only' });
  for (const key of SECTIONS) {
    const section = Object.entries(config[key] ?? {}).filter(([, value]) => value !== undefined);
    if (section.length > 0) without(key);
    for (const [name, texts] of section) {
      if (!Array.isArray(texts)) continue;
      remarks.push(...syntaxProblems('conditions', texts).map((one) => remarkOf(one, [key, name, one.index ?? 0])));
    }
  }
  for (const key of LISTS) {
    const groups = config[key] ?? [];
    if (groups.length > 0) without(key);
    for (const [index, group] of groups.entries()) {
      const problems = syntaxProblems('conditions', group.conditions);
      remarks.push(...problems.map((one) => remarkOf(one, textPath(key, index, group, 'conditions', one.index))));
    }
  }
  return remarks;
}
