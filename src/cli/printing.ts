/** What commands print: data for programs, tables for people, and nothing from outside that a terminal would obey. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { Document, Scalar, visit } from 'yaml';
import { resolvePlain } from '../config/plain-scalar.ts';
import { Float } from '../config/tree.ts';

/** Controls (but for the end of a line), line and paragraph separators, and what can turn the direction of text. */
const UNSAFE = /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu;

const escaped = (text: string) =>
  text.replace(UNSAFE, (character) =>
    // By code unit, so that it is JSON as well.
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );

/** Text of several lines from outside, safe for a terminal: as `printable`, of any length. */
export function printableLines(text: string): string {
  return escaped(text.replaceAll('\r\n', '\n').replaceAll('\t', '  '));
}

/** JSON that means the same and shows everything that a terminal might obey. */
export function jsonText(value: unknown, indent?: number): string {
  return escaped(JSON.stringify(value, null, indent));
}

/** YAML that reads back as the same, by YAML 1.1, 1.2 and our own rules, and shows everything that a terminal might obey. */
export function yamlText(value: unknown): string {
  const document = new Document(value, asFloat, { compat: 'yaml-1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, scalar) {
      const { value: text } = scalar;
      if (typeof text !== 'string') return;
      // Only between double quotes does YAML know escapes.
      const isOdd = escaped(text) !== text || /\r/.test(text);
      if (isOdd || (!text.includes('\n') && resolvePlain(text) !== text)) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return escaped(document.toString({ lineWidth: 0 }));
}

/** A whole number that is a double keeps its point. */
function asFloat(_: unknown, value: unknown): unknown {
  return value instanceof Float ? Object.assign(new Scalar(value.value), { minFractionDigits: 1 }) : value;
}

export function printJson(value: unknown): void {
  process.stdout.write(`${jsonText(value, 2)}\n`);
}

/** Talk: never data. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/**
 * Writes and waits until there is room for more. False when the reader has gone (`| head`): nobody wants the rest.
 */
export async function written(stream: Writable, text: string): Promise<boolean> {
  if (stream.destroyed || stream.errored) return false;
  if (stream.write(text)) return true;
  const left = new AbortController();
  const { signal } = left;
  try {
    await Promise.race([
      once(stream, 'drain', { signal }),
      // Also rejects with `error`.
      once(stream, 'close', { signal }),
    ]);
  } catch {
    return false;
  } finally {
    left.abort();
  }
  return !stream.destroyed;
}

export interface Column {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly align?: 'right';
}

/** Rows under titles, each column as wide as its widest text. Cells are printable already. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, index) => {
        const width = widths[index] as number;
        const cell = cells[index] ?? '';
        return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map(line)];
}

/** 1204356 as 1,204,356. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 letter`, `2 letters`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`;
}

const BYTE_UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytesInWords(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

/** The two largest units: 45 s, 2 min 5 s, 3 h 20 min, 4 d 6 h. */
export function durationInWords(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds)} s`;
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const;
  const first = units.findIndex(([, size]) => seconds >= size);
  const [large, small] = [units[first] as (typeof units)[number], units[first + 1] as (typeof units)[number]];
  const whole = Math.floor(seconds / large[1]);
  const rest = Math.floor((seconds - whole * large[1]) / small[1]);
  return rest === 0 ? `${whole} ${large[0]}` : `${whole} ${large[0]} ${rest} ${small[0]}`;
}
