import { z } from 'zod';
import { contextWord, errorMode, groupErrorMode, groupList } from '../../ottl/settings.ts';

const conditions = (what: string) => z.array(z.string()).optional().describe(what);

const attribute = z.strictObject({
  key: z.string().default('').describe('Name of the attribute.'),
  value: z
    .unknown()
    .optional()
    .describe('Its value, or a regular expression with `match_type: regexp`. Without it, any value matches.'),
});

const match = z.strictObject({
  match_type: z.string().default('').describe('`strict` compares, `regexp` searches for the pattern anywhere.'),
  resource_attributes: z.array(attribute).default([]).describe('All of these must match.'),
  record_attributes: z.array(attribute).default([]).describe('All of these must match.'),
  severity_texts: z.array(z.string()).default([]).describe('One of these must match.'),
  severity_number: z
    .strictObject({
      min: z.string().default('').describe('The lowest severity that matches: `INFO`, `WARN2` ...'),
      match_undefined: z.boolean().default(false).describe('Whether records without a severity match.'),
    })
    .optional()
    .describe('The severity as a number.'),
  bodies: z.array(z.string()).default([]).describe('One of these must match the body, as text.'),
});

export type MatchProperties = z.output<typeof match>;

const logs = z.strictObject({
  log_record: conditions('Conditions on records, in OTTL: a record for which any holds is dropped.'),
  resource: conditions('Conditions on resources: all records under one for which any holds are dropped.'),
  include: match.optional().describe('The old way: only what matches goes on.'),
  exclude: match.optional().describe('The old way: what matches is dropped.'),
});

const group = z.strictObject({
  context: contextWord,
  error_mode: groupErrorMode,
  conditions: z.array(z.string()).default([]).describe('A record for which any of these holds is dropped.'),
});

/** Of the signals that this agent does not carry: read over, with a warning. */
const otherSection = (signal: string) =>
  z
    .record(z.string(), z.unknown())
    .optional()
    .describe(`For ${signal}, which this agent does not carry: without effect.`);
const otherList = (signal: string) =>
  z.array(z.unknown()).optional().describe(`For ${signal}, which this agent does not carry: without effect.`);

export const config = z.strictObject({
  error_mode: errorMode,
  log_conditions: groupList('log_conditions', 'conditions', group, { mixed: false, empty: 'condition cannot be empty' })
    .optional()
    .describe('Conditions in OTTL; or groups of them, each with its own context and error mode.'),
  logs: logs.default({}).describe('The same with the context told by the key.'),
  spans: otherSection('traces'),
  traces: otherSection('traces'),
  metrics: otherSection('metrics'),
  profiles: otherSection('profiles'),
  trace_conditions: otherList('traces'),
  metric_conditions: otherList('metrics'),
  profile_conditions: otherList('profiles'),
});

export type FilterConfig = z.output<typeof config>;
