/** The privacy report as a person reads it: a line for each field, a column for each exporter. */
import { personalClasses } from '../intercom/convention/privacy.ts';
import type { Form } from '../privacy/forms.ts';
import { leaves, type Row } from '../privacy/report.ts';
import { printable } from '../telemetry/writer.ts';
import { table } from './printing.ts';

const COLOURS: Partial<Record<Form, string>> = {
  'as it is': '\u001b[31m',
  changed: '\u001b[33m',
  'masked in part': '\u001b[33m',
};
const RESET = '\u001b[0m';

/** @param deliveries names, in the order of the columns. Ends with a newline */
export function privacyTable(rows: readonly Row[], deliveries: readonly string[], look: { colour: boolean }): string {
  if (rows.length === 0) return 'There is nothing personal in it.\n';
  const columns = ['FIELD', 'CLASS', ...deliveries.map(printable)].map((title) => ({ title }));
  const cells = rows.map((row) => [
    printable(row.path),
    row.class,
    ...deliveries.map((delivery) =>
      [row.forms[delivery] ?? '', ...(row.copies[delivery] ?? []).map((path) => `-> ${printable(path)}`)].join(' '),
    ),
  ]);
  const [head = '', ...lines] = table(columns, cells);
  const coloured = look.colour ? lines.map((line, index) => colour(line, rows[index] as Row, deliveries)) : lines;
  return `${[head, ...coloured, '', ...summary(rows, deliveries)].join('\n')}\n`;
}

function colour(line: string, { forms }: Row, deliveries: readonly string[]): string {
  const worst = deliveries.map((delivery) => forms[delivery]).find((form) => form && COLOURS[form]);
  return worst ? `${COLOURS[worst]}${line}${RESET}` : line;
}

/** How many fields of each class leave, for each exporter. */
function summary(rows: readonly Row[], deliveries: readonly string[]): string[] {
  return deliveries.map((delivery) => {
    const left = rows.filter((row) => leaves(row, delivery));
    const counts = Object.keys(personalClasses)
      .map((name) => ({ name, count: left.filter((row) => row.class === name).length }))
      .filter(({ count }) => count > 0)
      .map(({ name, count }) => `${name} ${count}`);
    return `${printable(delivery)}: ${counts.length > 0 ? `fields that leave: ${counts.join(', ')}` : 'no personal field leaves as it is'}.`;
  });
}
