/** The part of docs/collector-compatibility.md that says how many recorded cases pass: written from a whole run. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OTHER_DEFAULTS } from './effective.ts';

const PATH = 'docs/collector-compatibility.md';
const START = '<!-- conformance:start -->';
const END = '<!-- conformance:end -->';

export interface Counted {
  readonly topic: string;
  readonly outcome: { readonly kind: string; readonly reason?: string };
}

/** Whether the document says what this run did; with `write` it is made to. `root`: of the project. */
export function isDocumented(rows: readonly Counted[], root: string, { write }: { write: boolean }): boolean {
  const path = join(root, PATH);
  const text = readFileSync(path, 'utf8');
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`${PATH} has no place for the figures: ${START} ... ${END}`);
  const wanted = `${text.slice(0, start + START.length)}\n\n${figures(rows)}\n\n${text.slice(end)}`;
  if (write && wanted !== text) writeFileSync(path, wanted);
  return write || wanted === text;
}

function figures(rows: readonly Counted[]): string {
  const groups = new Map<string, Counted[]>();
  for (const row of rows) {
    const [first = '', second = ''] = row.topic.split('/');
    const group = first === 'config' ? `configuration: ${second}` : `processors: ${first}`;
    groups.set(group, [...(groups.get(group) ?? []), row]);
  }
  const count = (of: readonly Counted[], kind: string) => of.filter(({ outcome }) => outcome.kind === kind).length;
  const line = (name: string, of: readonly Counted[]) =>
    `| ${name} | ${['passed', 'deviates', 'skipped'].map((kind) => count(of, kind)).join(' | ')} |`;
  return [
    '| cases | the same | another, on purpose | component not here |',
    '|---|---:|---:|---:|',
    ...[...groups].map(([name, of]) => line(name, of)),
    line('**all**', rows),
    '',
    'Other on purpose, with the number of cases:',
    '',
    ...byReason(rows, 'deviates').map(([reason, number]) => `- ${reason} (${number})`),
    '',
    "Defaults that are others than the Collector's:",
    '',
    ...OTHER_DEFAULTS.map(([path, reason]) => `- \`${readable(path)}\`: ${reason}`),
  ].join('\n');
}

function byReason(rows: readonly Counted[], kind: string): [string, number][] {
  const reasons = new Map<string, number>();
  for (const { outcome } of rows) {
    if (outcome.kind === kind && outcome.reason !== undefined)
      reasons.set(outcome.reason, (reasons.get(outcome.reason) ?? 0) + 1);
  }
  return [...reasons].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A pattern of paths as people read it. */
function readable({ source }: RegExp): string {
  return source
    .replace(/^\^|\$$/g, '')
    .replaceAll('\\', '')
    .replaceAll('.*', '*')
    .replaceAll('[^:]+', '*');
}
