import { FIGURE_NAMES, FIGURES, type Figures } from './figures.ts';
import type { Report, Result } from './report.ts';
import { grid, number } from './table.ts';

/** Below this a difference is nothing, whatever the rounds say. */
const LEAST = 0.03;

/** What changed from one report to another, scenario by scenario: what lies beyond the spread of the rounds of both. */
export function compareReports(before: Report, after: Report): string {
  const rows: string[][] = [];
  for (const old of before.results) {
    const now = after.results.find(({ name }) => name === old.name);
    if (now) rows.push(...changes(old, now));
  }
  const missing = before.results.filter(({ name }) => !after.results.some((now) => now.name === name));
  const table = rows.length > 0 ? grid([['', 'figure', 'before', 'after', 'change', ''], ...rows]) : 'Nothing changed.';
  const absent = missing.map(({ name }) => `Not measured again: ${name}.`);
  const elsewhere = sameMachine(before, after)
    ? []
    : ['The machines, or versions of Node.js, differ: compare ratios alone.'];
  return [table, ...absent, ...elsewhere].join('\n');
}

function changes(old: Result, now: Result): string[][] {
  return FIGURE_NAMES.flatMap((name) => {
    const [a, b] = [old.medians[name], now.medians[name]];
    if (a === undefined || b === undefined || a === 0) return [];
    const change = b / a - 1;
    const values = (rounds: readonly Figures[]) => rounds.flatMap((figures) => figures[name] ?? []);
    if (Math.abs(change) < LEAST || overlap(values(old.rounds), values(now.rounds))) return [];
    const { title, unit, better } = FIGURES[name];
    const verdict = change < 0 === (better === 'lower') ? 'better' : 'worse';
    return [
      [
        old.name,
        `${title} ${unit}`,
        number(a),
        number(b),
        `${change > 0 ? '+' : ''}${(change * 100).toFixed(0)} %`,
        verdict,
      ],
    ];
  });
}

/** One round alone has no spread: then every difference counts. */
function overlap(a: readonly number[], b: readonly number[]): boolean {
  if (a.length < 2 && b.length < 2) return false;
  return Math.min(...a) <= Math.max(...b) && Math.min(...b) <= Math.max(...a);
}

function sameMachine(a: Report, b: Report): boolean {
  return JSON.stringify([a.machine, a.node]) === JSON.stringify([b.machine, b.node]);
}
