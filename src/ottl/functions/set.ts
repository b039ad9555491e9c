import { defineFunction } from '../function.ts';
import { any, target } from '../parameter.ts';

export const set = defineFunction({
  name: 'set',
  kind: 'editor',
  parameters: { target, value: any },
  summary: 'Sets the target to the value; nil changes nothing.',
  example: {
    statement: 'set(log.attributes["level"], log.severity_text)',
    before: { severityText: 'WARN' },
    after: { attributes: { level: 'WARN' } },
  },
  create: (args) => (context) => {
    const value = args.value(context);
    if (value !== undefined) args.target.set(context, value);
    return undefined;
  },
});
