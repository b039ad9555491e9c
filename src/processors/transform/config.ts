import { z } from 'zod';
import { contextWord, errorMode, groupErrorMode, groupList } from '../../ottl/settings.ts';

const group = z.strictObject({
  context: contextWord,
  error_mode: groupErrorMode,
  conditions: z
    .array(z.string())
    .default([])
    .describe('The statements are run where any of these holds; without any, always.'),
  statements: z.array(z.string()).default([]).describe('Run in this order.'),
});

/** Of the signals that this agent does not carry: read over, with a warning. */
const otherSignal = (signal: string) =>
  z.array(z.unknown()).optional().describe(`For ${signal}, which this agent does not carry: without effect.`);

export const config = z.strictObject({
  error_mode: errorMode,
  log_statements: groupList('log_statements', 'statements', group, {
    mixed: true,
    empty: 'invalid log_statements item: empty statement list items are not supported',
  })
    .default([])
    .describe('Statements in OTTL; or groups of them, each with its own context, conditions and error mode.'),
  trace_statements: otherSignal('traces'),
  metric_statements: otherSignal('metrics'),
  profile_statements: otherSignal('profiles'),
  flatten_data: z
    .boolean()
    .default(false)
    .describe('The Collector has it behind a feature gate; this agent does not have it.'),
});

export type TransformConfig = z.output<typeof config>;
