import type { ProcessorFactory } from '../../component.ts';
import { problemsOf, remarkOf } from '../../ottl/settings.ts';
import { config, type LogDedupConfig } from './config.ts';
import { createLogDedup } from './logdedup.ts';

export const factory: ProcessorFactory<LogDedupConfig> = {
  kind: 'processor',
  type: 'logdedup',
  aliases: ['log_dedup'],
  stability: 'alpha',
  summary: 'Joins equal records that come within an interval to one that tells their number.',
  config,
  check: ({ conditions }) =>
    problemsOf({ context: 'log', statements: [], conditions, plain: true }).map((problem) =>
      remarkOf(problem, ['conditions', ...(problem.index === undefined ? [] : [problem.index])]),
    ),
  collect: createLogDedup,
  create: (_settings, _context, next) => next,
};
