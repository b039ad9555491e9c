import { z } from 'zod';

const value = z.union([z.string(), z.number(), z.boolean()]);

const action = z
  .strictObject({
    key: z.string().min(1).describe('Name of the attribute.'),
    action: z
      .string()
      .transform((text) => text.toLowerCase())
      .pipe(z.enum(['insert', 'update', 'upsert', 'delete', 'hash']))
      .describe(
        'insert adds where it is missing, update changes where it is there, upsert does both; delete removes; hash replaces the value by its SHA-256 in hex.',
      ),
    value: value.optional().describe('The value for insert, update and upsert.'),
    from_attribute: z
      .string()
      .min(1)
      .optional()
      .describe('Take the value of this attribute instead; without it nothing happens.'),
  })
  .superRefine((entry, context) => {
    const needsValue = ['insert', 'update', 'upsert'].includes(entry.action);
    const given = Number(entry.value !== undefined) + Number(entry.from_attribute !== undefined);
    if (needsValue && given !== 1) {
      context.addIssue({
        code: 'custom',
        message: `the action "${entry.action}" needs exactly one of "value" and "from_attribute"`,
      });
    } else if (!needsValue && given > 0) {
      context.addIssue({
        code: 'custom',
        message: `the action "${entry.action}" takes neither "value" nor "from_attribute"`,
      });
    }
  });

export const config = z.strictObject({
  actions: z.array(action).min(1, 'missing required field "actions"').describe('Done in this order to each record.'),
});

export type AttributesConfig = z.output<typeof config>;
