import { defineFunction } from '../function.ts';
import { any, listOf, literal } from '../parameter.ts';
import { parseFormat } from '../sprintf/format.ts';

export const format = defineFunction({
  name: 'Format',
  kind: 'converter',
  parameters: { format: literal.string, vals: listOf(any) },
  summary: 'The values in a format of the Go language: `%s`, `%d`, `%05.2f`, `%v` and so on.',
  example: {
    statement: 'set(log.body, Format("%s: %05.1f%%", [log.severity_text, log.body]))',
    before: { severityText: 'load', body: 7.25 },
    after: { body: 'load: 007.2%' },
  },
  create({ format, vals }) {
    const write = parseFormat(format, vals.length);
    return (context) => write(vals.map((value) => value(context)));
  },
});
