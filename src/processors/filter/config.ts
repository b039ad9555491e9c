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
    .nullish()
    .describe('The severity as a number.'),
  bodies: z.array(z.string()).default([]).describe('One of these must match the body, as text.'),
});

export type MatchProperties = z.output<typeof match>;

const logs = z.strictObject({
  log_record: conditions('Conditions on records, in OTTL: a record for which any holds is dropped.'),
  resource: conditions('Conditions on resources: all records under one for which any holds are dropped.'),
  include: match.nullish().describe('The old way: only what matches goes on.'),
  exclude: match.nullish().describe('The old way: what matches is dropped.'),
});

const group = z.strictObject({
  context: contextWord,
  error_mode: groupErrorMode,
  conditions: z.array(z.string()).default([]).describe('A record for which any of these holds is dropped.'),
});

const LIST = { mixed: false, empty: 'condition cannot be empty' };

/** Of the signals that this agent does not carry: read, and told where it is no list of conditions, but never asked. */
const otherList = (field: string, signal: string) =>
  groupList(field, 'conditions', group, LIST)
    .optional()
    .describe(`For ${signal}, which this agent does not carry: without effect.`);

const otherSection = <const K extends string>(signal: string, lists: readonly K[], others: readonly string[] = []) =>
  z
    .strictObject({
      ...(Object.fromEntries(lists.map((key) => [key, z.array(z.string()).optional()])) as Record<
        K,
        z.ZodOptional<z.ZodArray<z.ZodString>>
      >),
      ...Object.fromEntries(others.map((key) => [key, z.unknown().optional()])),
    })
    .optional()
    .describe(`For ${signal}, which this agent does not carry: without effect.`);

export const config = z.strictObject({
  error_mode: errorMode,
  log_conditions: groupList('log_conditions', 'conditions', group, LIST)
    .optional()
    .describe('Conditions in OTTL; or groups of them, each with its own context and error mode.'),
  logs: logs.default({}).describe('The same with the context told by the key.'),
  spans: otherSection('traces', [], ['include', 'exclude']),
  traces: otherSection('traces', ['resource', 'span', 'spanevent']),
  metrics: otherSection('metrics', ['resource', 'metric', 'datapoint'], ['include', 'exclude', 'regexp']),
  profiles: otherSection('profiles', ['resource', 'profile']),
  trace_conditions: otherList('trace_conditions', 'traces'),
  metric_conditions: otherList('metric_conditions', 'metrics'),
  profile_conditions: otherList('profile_conditions', 'profiles'),
});

export type FilterConfig = z.output<typeof config>;
