import { z } from 'zod';
import { withoutEffect } from '../../config/blocks/accepted.ts';
import { duration } from '../../config/blocks/scalars.ts';
import { isZone } from './timestamp.ts';

const fields = (what: string) => z.array(z.string()).default([]).describe(what);

export const config = z
  .strictObject({
    interval: duration('10s').describe('How long equal records are collected, unless a request is full before.'),
    log_count_attribute: z
      .string()
      .default('log_count')
      .describe('Attribute that tells how many records the one that is sent stands for.'),
    timezone: z
      .string()
      .default('UTC')
      .describe('Time zone of `first_observed_timestamp` and `last_observed_timestamp`, as `Europe/Berlin`.'),
    exclude_fields: fields(
      'Fields that may differ between equal records, `body.a.b` or `attributes.a`; a dot in a key is written `\\.`. They are removed from what is sent.',
    ),
    include_fields: fields('The only fields that are compared, written in the same way.'),
    conditions: fields(
      'Conditions in OTTL: records for which any holds are joined, others go on as they are. None: all are.',
    ),
    metadata_keys: withoutEffect(
      z.array(z.string()).default([]),
      'entries have no client metadata to part them by',
    ).describe('Accepted; entries have no client metadata to part them by.'),
    metadata_cardinality_limit: withoutEffect(
      z.number().int().min(0).default(0),
      'entries have no client metadata to part them by',
    ).describe('Accepted; see `metadata_keys`.'),
  })
  .superRefine((settings, context) => {
    const refuse = (key: keyof typeof settings, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
    if (settings.interval <= 0) refuse('interval', 'interval must be greater than 0');
    if (settings.log_count_attribute === '') refuse('log_count_attribute', 'log_count_attribute must be set');
    if (!isZone(settings.timezone)) refuse('timezone', 'timezone is invalid: unknown time zone');
    const { exclude_fields: excluded, include_fields: included } = settings;
    if (excluded.length > 0 && included.length > 0)
      refuse('include_fields', 'cannot define both exclude_fields and include_fields');
    for (const problem of problemsOf(excluded, 'exclude')) refuse('exclude_fields', problem);
    for (const problem of problemsOf(included, 'include')) refuse('include_fields', problem);
  });

export type LogDedupConfig = z.output<typeof config>;

function* problemsOf(fields: readonly string[], what: 'exclude' | 'include'): Generator<string> {
  const seen = new Set<string>();
  for (const field of fields) {
    const words =
      what === 'exclude'
        ? { an: 'an excludefield', one: 'exclude_field' }
        : { an: 'an include_fields', one: 'include_fields' };
    if (field === 'body') yield `cannot ${what} the entire body`;
    else if (!/^(?:body|attributes)(?:\.|$)/.test(field)) yield `${words.an} must start with body or attributes`;
    else if (seen.has(field)) yield `duplicate ${words.one} ${field}`;
    seen.add(field);
  }
}
