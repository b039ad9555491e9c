/** What `tail` prints of what it saw: a line that says what, and below it what became of the records. */
import type { Sighting } from '../control/taps.ts';
import { createPrinter } from '../exporters/terminal/terminal.ts';
import type { LogRecord } from '../record/log-record.ts';
import { readLogsData } from '../record/otlp/json-reader.ts';
import { isMap, type Value } from '../record/value.ts';
import { textOf } from '../record/value-text.ts';
import { printable } from '../telemetry/writer.ts';
import { counted } from './printing.ts';
import { type Difference, recordDifferences } from './record-diff.ts';

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;
type Style = (name: keyof typeof STYLES, text: string) => string;

/** Characters of a value that are shown, and those around what differs. */
const VALUE_CHARACTERS = 160;
const CONTEXT_CHARACTERS = 24;
/** Differences of one record. */
const MAX_DIFFERENCES = 60;
/** Of what several records became. */
const MAX_RECORDS = 10;
/** Records that one that came of several is compared with. */
const COMPARED = 50;
/** Lines of a record that is shown whole. */
const RECORD_LINES = 40;

/** Gives the function from a sighting to its lines, ready to print, with an empty one at the end. */
export function sightingPrinter({ colour }: { colour: boolean }): (sighting: Sighting) => string {
  const style: Style = (name, text) => (colour ? `\u001b[${STYLES[name]}m${text}\u001b[0m` : text);
  const whole = createPrinter({ colour, body: true, maxLines: RECORD_LINES });
  return (sighting) => {
    const after = recordsOf(sighting.after);
    if (sighting.before === null) {
      const failure = verdict(sighting, style);
      const head = failure === undefined ? '' : `${headOf(sighting, failure, style)}\n\n`;
      return head + after.map(whole).join('');
    }
    const before = recordsOf(sighting.before);
    const pairs = after.map((record) => closest(before, record));
    const count = pairs.reduce((sum, { differences }) => sum + differences.length, 0);
    const joined =
      before.length === 1 && after.length === 1 ? [] : [`${counted(before.length, 'record')} became ${after.length}`];
    const told =
      verdict(sighting, style) ??
      [...joined, count === 0 ? style('dim', 'unchanged') : counted(count, 'difference')].join(', ');
    const lines = pairs
      .slice(0, MAX_RECORDS)
      .flatMap(({ differences }, index) => [
        ...(pairs.length > 1 ? [`  ${style('bold', `record ${index + 1}`)}`] : []),
        ...differences.slice(0, MAX_DIFFERENCES).flatMap((difference) => differenceLines(difference, style)),
        ...(differences.length > MAX_DIFFERENCES ? [`  ... and ${differences.length - MAX_DIFFERENCES} more`] : []),
      ]);
    if (pairs.length > MAX_RECORDS) lines.push(`  ... and ${pairs.length - MAX_RECORDS} more records`);
    return `${[headOf(sighting, told, style), ...lines].join('\n')}\n\n`;
  };
}

function headOf({ received_at, topic, position, pipeline }: Sighting, told: string, style: Style): string {
  const parts = [
    ...(received_at === null ? [] : [style('dim', printable(received_at))]),
    style('bold', printable(topic ?? (position === null ? 'several entries' : 'no topic'))),
    ...(position === null ? [] : [`#${position}`]),
    printable(pipeline),
    told,
  ];
  return parts.join('  ');
}

/** undefined: something came out, and nothing failed. */
function verdict({ at, before, dropped, error }: Sighting, style: Style): string | undefined {
  const processor = printable(at ?? '');
  if (error) {
    const who = {
      before: `did not reach ${processor}: what comes before it failed`,
      at: `${processor} failed`,
      behind: `passed ${processor}; what comes behind it failed`,
      pipeline: 'a processor failed',
    }[error.where];
    return style('red', `${who}: ${printable(error.message)}; the entry becomes a dead letter`);
  }
  if (!dropped) return undefined;
  if (at === null) return style('yellow', 'filtered: nothing of it leaves the pipeline');
  const several = before !== null && before.length > 1 ? ` (${counted(before.length, 'record')})` : '';
  return style('yellow', `dropped by ${processor}${several}`);
}

function recordsOf(requests: readonly unknown[]): LogRecord[] {
  return requests.flatMap(readLogsData);
}

/** What a record was made of may not be known: it is compared with the one that it is most like. */
function closest(before: readonly LogRecord[], after: LogRecord): { differences: Difference[] } {
  const [first, ...others] = before.slice(0, COMPARED).map((record) => recordDifferences(record, after));
  return { differences: others.reduce((best, one) => (one.length < best.length ? one : best), first ?? []) };
}

function differenceLines(difference: Difference, style: Style): string[] {
  const path = printable(difference.path);
  switch (difference.kind) {
    case 'removed':
      return [`  ${style('red', `- ${path}`)}  ${shown(difference.before)}`];
    case 'added':
      return [`  ${style('green', `+ ${path}`)}  ${shown(difference.after)}`];
    case 'changed': {
      const [before, after] = excerpts(difference.before, difference.after);
      return [
        `  ${style('yellow', `~ ${path}`)}`,
        `      ${style('red', `- ${before}`)}`,
        `      ${style('green', `+ ${after}`)}`,
      ];
    }
  }
}

/** On one line; texts in quotes, so that "1" is not 1. */
function shown(value: Value): string {
  if (typeof value === 'string') return quoted(value, 0, VALUE_CHARACTERS);
  if (value === null || value === undefined) return 'nothing';
  if (value instanceof Uint8Array) return counted(value.length, 'byte');
  const text = textOf(value);
  const cut = text.length > VALUE_CHARACTERS ? `${text.slice(0, VALUE_CHARACTERS)}...` : text;
  return printable(isMap(value) || Array.isArray(value) ? cut : text);
}

/** Of long texts, what lies around the difference. */
function excerpts(before: Value, after: Value): [string, string] {
  if (typeof before !== 'string' || typeof after !== 'string') return [shown(before), shown(after)];
  if (Math.max(before.length, after.length) <= VALUE_CHARACTERS) return [shown(before), shown(after)];
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const from = Math.max(0, start - CONTEXT_CHARACTERS);
  const part = (text: string) => {
    const to = Math.min(text.length, text.length - end + CONTEXT_CHARACTERS);
    return quoted(text, from, Math.min(to, from + VALUE_CHARACTERS));
  };
  return [part(before), part(after)];
}

/** JSON, with three points for what is left out before and behind. */
function quoted(text: string, from: number, to: number): string {
  const part = JSON.stringify(text.slice(from, to)).slice(1, -1);
  return printable(`"${from > 0 ? '...' : ''}${part}${to < text.length ? '...' : ''}"`);
}
