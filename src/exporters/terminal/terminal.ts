import type { LogRecord } from '../../record/log-record.ts';
import { Double, type Value } from '../../record/value.ts';
import { printable } from '../../telemetry/writer.ts';

const STYLES = { dim: 2, bold: 1, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
type Style = (text: string) => string;

/** Gives a function from a record to its lines, ready to print. Text from outside is escaped. */
export function createPrinter({
  colour,
  body,
  maxLines,
}: {
  colour: boolean;
  body: boolean;
  maxLines: number;
}): (record: LogRecord) => string {
  const style = (name: keyof typeof STYLES): Style =>
    colour ? (text) => `\u001b[${STYLES[name]}m${text}\u001b[0m` : (text) => text;
  const [dim, bold, red, yellow, green, cyan] = (['dim', 'bold', 'red', 'yellow', 'green', 'cyan'] as const).map(
    style,
  ) as [Style, Style, Style, Style, Style, Style];
  const severity = (number: number): Style => (number >= 17 ? red : number >= 13 ? yellow : green);

  const section = (title: string, entries: readonly [string, Value][]): string => {
    const lines = entries.map(([key, value]) => [printable(key), text(value)] as const);
    const width = Math.max(0, ...lines.map(([key]) => key.length));
    return lines
      .map(
        ([key, value], index) =>
          `  ${dim((index === 0 ? title : '').padEnd(11))}${cyan(key.padEnd(width))}  ${value}\n`,
      )
      .join('');
  };

  const more = (count: number) => (count > 0 ? `  ${''.padEnd(11)}${dim(`... and ${count} more`)}\n` : '');

  return (record) => {
    const time = new Date(record.hrTime[0] * 1000 + record.hrTime[1] / 1e6).toISOString();
    const level = (record.severityText ?? '').padEnd(5);
    const head = `${dim(time)}  ${severity(record.severityNumber ?? 0)(level)}  ${bold(printable(record.eventName ?? 'log record'))}\n`;
    const resource = section('resource', Object.entries(record.resource.attributes) as [string, Value][]);
    const given = Object.entries(record.attributes) as [string, Value][];
    const attributes = section('attributes', given.slice(0, maxLines)) + more(given.length - maxLines);
    if (!body) return `${head}${resource}${attributes}\n`;
    const lines = outline(record.body as Value, 0, maxLines + 1);
    const shown = lines
      .slice(0, maxLines)
      .map((line, index) => `  ${dim((index === 0 ? 'body' : '').padEnd(11))}${line}\n`);
    if (lines.length > maxLines) shown.push(`  ${''.padEnd(11)}${dim('... and more')}\n`);
    return `${head}${resource}${attributes}${shown.join('')}\n`;
  };
}

function text(value: Value): string {
  if (typeof value === 'string') return printable(value);
  return typeof value === 'object' && value !== null ? printable(inline(value)) : String(value);
}

/** A value on one line; text beyond what a terminal line needs is never built. */
function inline(value: Value, depth = 0): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 120 ? `${value.slice(0, 120)}...` : value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof Double) return String(value);
  if (depth > 2) return '...';
  if (Array.isArray(value))
    return `[${value
      .slice(0, 5)
      .map((item: Value) => inline(item, depth + 1))
      .join(', ')}${value.length > 5 ? ', ...' : ''}]`;
  const entries = Object.entries(value);
  const parts = entries.slice(0, 8).map(([key, item]) => `${key}: ${inline(item as Value, depth + 1)}`);
  return `{ ${parts.join(', ')}${entries.length > 8 ? ', ...' : ''} }`;
}

/** A map as indented lines, the outer levels open and the inner ones on one line each; at most `limit` lines. */
function outline(value: Value, depth: number, limit: number): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
    return [printable(inline(value))];
  const lines: string[] = [];
  for (const [key, item] of Object.entries(value)) {
    if (lines.length >= limit) break;
    const indent = '  '.repeat(depth);
    const isMap = typeof item === 'object' && item !== null && !Array.isArray(item) && !(item instanceof Uint8Array);
    if (isMap && depth < 4 && Object.keys(item).length > 0) {
      lines.push(`${indent}${printable(key)}:`, ...outline(item as Value, depth + 1, limit - lines.length - 1));
    } else if (isEmpty(item as Value)) {
    } else {
      lines.push(`${indent}${printable(key)}: ${printable(inline(item as Value))}`);
    }
  }
  return lines;
}

const isEmpty = (value: Value) =>
  value === null || value === '' || (typeof value === 'object' && Object.keys(value as object).length === 0);
