import { z } from 'zod';
import { recordValue } from '../../config/blocks/scalars.ts';
import { actionList } from '../attribute-actions/schema.ts';
import { problemOf } from './matching.ts';

const texts = (description: string) => z.array(z.string()).default([]).describe(description);
const refused = texts('Not for logs: refused.');

const attribute = z.strictObject({
  key: z.string().default('').describe('Name of the attribute, exactly.'),
  value: recordValue().describe('Its value; without it any will do. A regular expression with match_type regexp.'),
});

const properties = z.strictObject({
  match_type: z.string().default('').describe('strict or regexp: how texts are compared.'),
  regexp: z
    .strictObject({
      cacheenabled: z.boolean().default(false).describe('Accepted for Collector files; has no effect.'),
      cachemaxnumentries: z.number().int().default(0).describe('Accepted for Collector files; has no effect.'),
    })
    .nullable()
    .optional()
    .describe('Settings of match_type regexp.'),
  log_bodies: texts('Bodies, as texts: one of them matches.'),
  log_severity_texts: texts('Severity texts: one of them matches.'),
  log_severity_number: z
    .strictObject({
      min: z.number().int().default(0).describe('The lowest severity number that matches: 9 is INFO, 17 is ERROR.'),
      match_undefined: z.boolean().default(false).describe('Whether records without a severity match.'),
    })
    .nullable()
    .optional()
    .describe('Severity numbers.'),
  attributes: z.array(attribute).default([]).describe('Attributes of the record: all of them match.'),
  resources: z.array(attribute).default([]).describe('Attributes of the resource: all of them match.'),
  libraries: z
    .array(
      z.strictObject({
        name: z.string().default('').describe('Name of the scope.'),
        version: z.string().nullable().optional().describe('Its version; without it any will do.'),
      }),
    )
    .default([])
    .describe('Instrumentation scopes: all of them match.'),
  services: refused,
  span_names: refused,
  span_kinds: refused,
  metric_names: refused,
});

export type MatchSettings = z.output<typeof properties>;

const match = properties
  .superRefine((settings, context) => {
    const problem = problemOf(settings);
    if (problem) context.addIssue({ code: 'custom', ...problem });
  })
  .nullable()
  .optional();

export const config = z.strictObject({
  actions: actionList('actions').describe('Done in this order to each record.'),
  include: match.describe('Only records that match all of this are changed.'),
  exclude: match.describe('Records that match all of this are left as they are.'),
});

export type AttributesConfig = z.output<typeof config>;
