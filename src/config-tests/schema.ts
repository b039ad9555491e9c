import { z } from 'zod';
import { recordValue } from '../config/blocks/scalars.ts';

const FORMS = ['sample', 'notification', 'file', 'otlp', 'otlp_file'] as const;

const input = z
  .strictObject({
    sample: z.string().min(1).optional().describe('A topic: an invented notification of it.'),
    seed: z
      .number()
      .int()
      .min(0)
      .max(0xffffffff)
      .default(1)
      .describe('Of a sample: people and numbers are the same for the same seed.'),
    generation: z
      .enum(['1.x', '2.x'])
      .default('2.x')
      .describe('Of a sample: the shape of conversations; 1.x is what the oldest apps get.'),
    with: z
      .record(z.string(), recordValue())
      .optional()
      .describe('Merged over the sample: values to look for afterwards.'),
    notification: recordValue().describe(
      'A notification as Intercom sends it, as a map; or a text, which is then the body as it is.',
    ),
    file: z
      .string()
      .min(1)
      .optional()
      .describe('A file with a notification, whose bytes are taken as they are. Relative to the test file.'),
    otlp: z.record(z.string(), recordValue()).optional().describe('Records as OTLP/JSON: {resourceLogs: [...]}.'),
    otlp_file: z.string().min(1).optional().describe('A file with OTLP/JSON. Relative to the test file.'),
    receiver: z
      .string()
      .min(1)
      .optional()
      .describe('Id of the receiver that takes it. Default: the first one of the pipeline.'),
    integration: z
      .string()
      .min(1)
      .optional()
      .describe('Name of the integration that takes it. Default: the first one.'),
  })
  .superRefine((settings, context) => {
    const written = FORMS.filter((form) => settings[form] !== undefined && settings[form] !== null);
    const [first, second] = written;
    const help = { suggestion: `an input is one of ${FORMS.join(', ')}` };
    if (first === undefined) context.addIssue({ code: 'custom', message: 'this input has no content', params: help });
    else if (second !== undefined)
      context.addIssue({ code: 'custom', path: [second], message: `${second} stands beside ${first}`, params: help });
    if (settings.with && settings.sample === undefined)
      context.addIssue({ code: 'custom', path: ['with'], message: 'only a sample has something to merge it over' });
  });

const attributes = (description: string) => z.record(z.string(), recordValue()).optional().describe(description);

const record = z.strictObject({
  event_name: recordValue().describe('intercom. and the topic.'),
  severity_text: recordValue().describe('INFO, WARN, ...'),
  severity_number: recordValue().describe('1 to 24: 9 is INFO.'),
  time: recordValue().describe('When it happened, as "2006-01-02T15:04:05Z".'),
  observed_time: recordValue().describe('When it was received.'),
  trace_id: recordValue().describe('In hexadecimal.'),
  span_id: recordValue().describe('In hexadecimal.'),
  flags: recordValue().describe('Trace flags.'),
  dropped_attributes_count: recordValue().describe('Attributes that were dropped somewhere.'),
  attributes: attributes('Attributes of the record.'),
  resource: z
    .strictObject({
      attributes: attributes('Attributes of the resource.'),
      schema_url: recordValue().describe('Its schema.'),
      dropped_attributes_count: recordValue().describe('Attributes that were dropped somewhere.'),
    })
    .optional()
    .describe('Where it comes from.'),
  instrumentation_scope: z
    .strictObject({
      name: recordValue().describe('Name of the scope.'),
      version: recordValue().describe('Its version.'),
      schema_url: recordValue().describe('Its schema.'),
      attributes: attributes('Attributes of the scope.'),
      dropped_attributes_count: recordValue().describe('Attributes that were dropped somewhere.'),
    })
    .optional()
    .describe('What made it.'),
  body: recordValue().describe('Its content.'),
});

const records = z.union([record, z.array(record)]);

const test = z
  .strictObject({
    name: z.string().min(1).describe('What holds, as a sentence.'),
    input: z.union([input, z.array(input).min(1)]).describe('What comes in; a list is one batch.'),
    pipeline: z.string().min(1).optional().describe('Id of the pipeline. Default: the only one.'),
    expect: z
      .union([z.enum(['dropped', 'failed']), record, z.array(record).min(1, 'is empty: write "expect: dropped"')])
      .optional()
      .describe('What leaves: dropped, failed, a record or a list of them. Of a record, what is written must hold.'),
    expect_exactly: records.optional().describe('The same, and nothing else may be in the records.'),
    error: z.string().min(1).optional().describe('With expect: failed: a regular expression that the error matches.'),
    contains_nowhere: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'Texts that stand nowhere in what leaves, neither in a key nor in a value; upper and lower case are the same.',
      ),
  })
  .superRefine(({ expect, expect_exactly, error }, context) => {
    if (expect !== undefined && expect_exactly !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['expect_exactly'],
        message: 'expect and expect_exactly: one of them is enough',
      });
    if (error !== undefined && expect !== 'failed')
      context.addIssue({ code: 'custom', path: ['error'], message: 'it belongs to "expect: failed"' });
  });

export const testList = z.array(test).min(1, 'is empty: there is nothing to run');
export const environmentMap = z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string());

export type TestSettings = z.output<typeof test>;
export type InputSettings = z.output<typeof input>;
