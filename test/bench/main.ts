/**
 * npm run bench -- ottl [--otelcol PATH] [--seconds N] [--json]
 *
 * Figures of speed, as ratios to what is measured in the same run.
 */
import { parseArgs } from 'node:util';
import { benchOttl } from './ottl.ts';

const { values, positionals } = parseArgs({
  args: JSON.parse(process.env.TEST_ARGS ?? '[]') as string[],
  options: { otelcol: { type: 'string' }, seconds: { type: 'string', default: '3' }, json: { type: 'boolean' } },
  allowPositionals: true,
});

const [what] = positionals;
if (what !== 'ottl') {
  process.stderr.write('npm run bench -- ottl: the cost of ten statements. Other figures are not measured yet.\n');
  process.exit(2);
}
const rows = await benchOttl({ seconds: Number(values.seconds), ...(values.otelcol && { otelcol: values.otelcol }) });
if (values.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
else
  for (const { name, value, unit } of rows)
    process.stdout.write(`${name.padEnd(64)}${value.toFixed(1).padStart(9)} ${unit}\n`);
