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

const LIST = { mixed: true };

/** Of the signals that this agent does not carry: read, and told where it is no list of statements, but never run. */
const otherSignal = (field: string, signal: string) =>
  groupList(field, 'statements', group, { ...LIST, empty: emptyItem(field) })
    .optional()
    .describe(`For ${signal}, which this agent does not carry: without effect.`);

function emptyItem(field: string): string {
  return `invalid ${field} item: empty statement list items are not supported`;
}

export const config = z.strictObject({
  error_mode: errorMode,
  log_statements: groupList('log_statements', 'statements', group, { ...LIST, empty: emptyItem('log_statements') })
    .default([])
    .describe('Statements in OTTL; or groups of them, each with its own context, conditions and error mode.'),
  trace_statements: otherSignal('trace_statements', 'traces'),
  metric_statements: otherSignal('metric_statements', 'metrics'),
  profile_statements: otherSignal('profile_statements', 'profiles'),
  flatten_data: z
    .boolean()
    .default(false)
    .describe('The Collector has it behind a feature gate; this agent does not have it.'),
});

export type TransformConfig = z.output<typeof config>;
