import { FIGURE_NAMES, FIGURES, type FigureName } from './figures.ts';
import type { Report } from './report.ts';

/** A Markdown table of the medians, for people and for docs/benchmarks.md. Figures that nothing has are left out. */
export function tableOf({ results }: Report): string {
  const names = FIGURE_NAMES.filter((name) => results.some(({ medians }) => medians[name] !== undefined));
  const head = ['', ...names.map((name) => `${FIGURES[name].title} ${FIGURES[name].unit}`)];
  const rows = results.map(({ name, medians }) => [name, ...names.map((figure) => number(medians[figure]))]);
  return grid([head, ...rows]);
}

/** What is to be shown, and how far it is. A line whose subjects were not measured is left out. */
export function ratiosOf(report: Report): string {
  const value = (name: string, figure: FigureName) =>
    report.results.find((result) => result.name === name)?.medians[figure];
  const rows = RATIOS.flatMap(([title, over, under, goal]) => {
    const [a, b] = [value(...over), under ? value(...under) : 1];
    return a === undefined || b === undefined ? [] : [[title, number(a / b), goal]];
  });
  return rows.length === 0 ? '' : grid([['ratio', 'measured', 'goal'], ...rows]);
}

type Place = readonly [scenario: string, figure: FigureName];

const ONE = 'agent: one exporter';
const FLOOR = 'floor: node:http, HMAC';
const MEMORY = 'otelcol: memory queue';
const SYNCED = 'otelcol: file_storage, fsync';
const BENTHOS = 'benthos: no disk';

const RATIOS: readonly (readonly [title: string, over: Place, under: Place | undefined, goal: string])[] = [
  ['CPU per event, of that of node:http with HMAC', [ONE, 'cpu'], [FLOOR, 'cpu'], ''],
  ['CPU per event, of that of the Collector in memory', [ONE, 'cpu'], [MEMORY, 'cpu'], 'at most 1'],
  ['events end to end, of the Collector in memory', [ONE, 'throughput'], [MEMORY, 'throughput'], 'at least 1'],
  ['events end to end, of the Collector synced', [ONE, 'throughput'], [SYNCED, 'throughput'], 'at least 5'],
  ['CPU per event, of that of Benthos', [ONE, 'cpu'], [BENTHOS, 'cpu'], 'at most 1'],
  ['events end to end, of Benthos', [ONE, 'throughput'], [BENTHOS, 'throughput'], 'at least 1'],
  ['p99 of the answer, open loop, ms', [ONE, 'openP99'], undefined, 'at most 20'],
  ['p99.9 of the answer, open loop, ms', [ONE, 'openP999'], undefined, 'at most 100'],
  ['CPU of three exporters, of one', ['agent: three exporters', 'cpu'], [ONE, 'cpu'], 'at most 1.5'],
  ['CPU of 4 exporters, of one', ['exporters: 4', 'cpu'], [ONE, 'cpu'], ''],
  ['CPU of 16 exporters, of one', ['exporters: 16', 'cpu'], [ONE, 'cpu'], ''],
  ['CPU with 1,000 integrations, of one', ['integrations: 1000', 'cpu'], [ONE, 'cpu'], 'about 1'],
  ['CPU of OTLP JSON, of protobuf', ['agent: OTLP JSON', 'cpu'], [ONE, 'cpu'], ''],
  ['anonymous memory with a backlog, MiB', ['backlog: many', 'anonymous'], undefined, 'at most 150'],
  [
    'CPU of intake over a large backlog, of a small one',
    ['backlog: many', 'openCpu'],
    ['backlog: 1000', 'openCpu'],
    'about 1',
  ],
];

export function grid(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  const [head = [], ...rest] = rows;
  return [line(head), rule, ...rest.map(line)].join('\n');
}

export function number(value: number | undefined): string {
  if (value === undefined) return '';
  const digits = Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
