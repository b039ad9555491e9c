/**
 * npm run conformance -- [PATH ...] [--kind config|processor] [--filter TEXT] [--json] [--docs]
 *
 * Runs recorded cases of the Collector through our own code: those under the folders and in the files, default ../shared/conformance.
 * Ends with 1 when a case fails that is no known deviation, when a known deviation passes, or when all were run and
 * docs/collector-compatibility.md says otherwise; --docs writes that page.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { shared } from '../support/shared.ts';
import { type Case, type Outcome, readTopics } from './cases.ts';
import { runConfigCase } from './config-case.ts';
import { deviationOf } from './deviations.ts';
import { isDocumented } from './document.ts';
import { runProcessorCase } from './processor-case.ts';

const { values, positionals } = parseArgs({
  args: JSON.parse(process.env.TEST_ARGS ?? '[]') as string[],
  options: {
    kind: { type: 'string' },
    filter: { type: 'string' },
    json: { type: 'boolean' },
    docs: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

interface Row {
  readonly topic: string;
  readonly id: string;
  readonly outcome: Outcome | { readonly kind: 'deviates'; readonly reason: string };
}

const rows: Row[] = [];
for (const path of positionals.length > 0 ? positionals : [join(shared, 'conformance')]) {
  for (const { name, cases } of readTopics(existsSync(path) ? path : `${path}.json`)) {
    for (const one of cases) {
      if (values.kind && one.kind !== values.kind) continue;
      if (values.filter && !one.id.includes(values.filter)) continue;
      rows.push({ topic: name, id: one.id, outcome: known(one, await run(one)) });
    }
  }
}

async function run(one: Case): Promise<Outcome> {
  return one.kind === 'config' ? runConfigCase(one) : runProcessorCase(one);
}

/** The outcome where the deviations that we know are taken into account. */
function known(one: Case, outcome: Outcome): Row['outcome'] {
  const reason = deviationOf(one, outcome.kind === 'failed' ? outcome : {});
  if (reason === undefined || outcome.kind === 'skipped') return outcome;
  if (outcome.kind === 'failed') return { kind: 'deviates', reason };
  return { kind: 'failed', expected: `a deviation: ${reason}`, actual: 'it passes: take it off the list' };
}

const KINDS = ['passed', 'failed', 'deviates', 'skipped'] as const;
const count = (kind: string, of: readonly Row[] = rows) => of.filter(({ outcome }) => outcome.kind === kind).length;

if (values.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
else {
  for (const { id, outcome } of rows) {
    if (outcome.kind !== 'failed') continue;
    const shown = (value: unknown) =>
      (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')).replace(/\n/g, '\n      ');
    process.stdout.write(`${id}\n    expected: ${shown(outcome.expected)}\n    actual:   ${shown(outcome.actual)}\n`);
  }
  const reasons = new Map<string, number>();
  for (const { outcome } of rows) {
    if (outcome.kind !== 'skipped' && outcome.kind !== 'deviates') continue;
    const text = `${outcome.kind}: ${outcome.reason}`;
    reasons.set(text, (reasons.get(text) ?? 0) + 1);
  }
  process.stdout.write('\n');
  for (const [text, number] of [...reasons].sort(([, a], [, b]) => b - a)) {
    process.stdout.write(`${String(number).padStart(5)}  ${text}\n`);
  }
  process.stdout.write(`\n${'topic'.padEnd(34)}${KINDS.map((kind) => kind.padStart(10)).join('')}\n`);
  for (const topic of new Set(rows.map((row) => row.topic))) {
    const of = rows.filter((row) => row.topic === topic);
    process.stdout.write(`${topic.padEnd(34)}${KINDS.map((kind) => String(count(kind, of)).padStart(10)).join('')}\n`);
  }
  process.stdout.write(
    `\n${count('passed')} passed, ${count('failed')} failed, ${count('deviates')} deviate knowingly.\n`,
  );
}
const isWhole = positionals.length === 0 && !values.kind && !values.filter;
// What Node.js can do is part of it: the page is written with the oldest one.
const isOldest = process.versions.node.startsWith('20.');
const isCurrent = !isWhole || !isOldest || isDocumented(rows, process.cwd(), { write: values.docs });
if (!isCurrent) {
  process.stderr.write('docs/collector-compatibility.md is out of date: npm run conformance -- --docs\n');
}
process.stdout.write(
  `${count('passed')} passed, ${count('failed')} failed, ${count('skipped') + count('deviates')} skipped\n`,
);
process.exitCode = count('failed') > 0 || rows.length === 0 || !isCurrent ? 1 : 0;
