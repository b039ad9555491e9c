/** Differences as a person reads them: where, what was expected, what came, and in long texts only the part that counts. */
import { printable } from '../config/diagnostics.ts';
import { Double, isDouble, isInt, isMap, toNumber, type Value } from '../record/value.ts';
import { textOf } from '../record/value-text.ts';
import type { Difference } from './compare.ts';
import type { Path, Pattern } from './pattern.ts';

/** Characters of a value that are shown. */
const WIDTH = 96;
/** Characters of what is the same that are left before a difference. */
const CONTEXT = 20;

export interface DifferenceText {
  /** Those with the same expectation and the same value. */
  readonly paths: readonly { readonly text: string; readonly path: Path }[];
  readonly expected: string;
  readonly got: string;
  /** Of `got`: where it leaves what was expected. Absent where they have little in common. */
  readonly mark?: { readonly start: number; readonly length: number };
  readonly note?: string;
}

/** In their order; those that say the same stand together. */
export function differenceTexts(differences: readonly Difference[]): DifferenceText[] {
  const texts: (DifferenceText & { paths: { text: string; path: Path }[] })[] = [];
  for (const { path, near, ...sides } of differences) {
    const place = { text: pathText(path), path };
    const text = sidesText(sides);
    const note =
      near === undefined ? undefined : `there is ${printable(JSON.stringify(near))} beside it: is that meant?`;
    const same = texts.find(({ expected, got }) => expected === text.expected && got === text.got);
    if (same && note === undefined) same.paths.push(place);
    else texts.push({ paths: [place], ...text, ...(note && { note }) });
  }
  return texts;
}

/** As OTTL writes it: `resource.attributes["service.name"]`, `body["intercom"]["tags"][0]`. */
export function pathText([field, ...rest]: Path): string {
  const hasFields = field === 'resource' || field === 'instrumentation_scope';
  return printable(
    rest.reduce<string>(
      (text, step, index) => {
        if (typeof step === 'number') return `${text}[${step}]`;
        return hasFields && index === 0 ? `${text}.${step}` : `${text}[${JSON.stringify(step)}]`;
      },
      String(field ?? 'the record'),
    ),
  );
}

function sidesText({ expected, got }: Pick<Difference, 'expected' | 'got'>): Omit<DifferenceText, 'paths'> {
  if (!got) return { expected: expected ? cut(patternText(expected)) : 'nothing', got: 'nothing' };
  const { value } = got;
  if (!expected) return { expected: 'nothing', got: cut(valueText(value)) };
  if (expected.kind !== 'value') return { expected: cut(patternText(expected)), got: cut(valueText(value)) };
  if (textOf(expected.value) === textOf(value)) {
    // 1, 1.0 and "1".
    const named = (one: Value) => `${cut(valueText(one))} (${kindOf(one)})`;
    return { expected: named(expected.value), got: named(value) };
  }
  if (typeof expected.value === 'string' && typeof value === 'string') return twoTexts(expected.value, value);
  return { expected: cut(valueText(expected.value)), got: cut(valueText(value)) };
}

function twoTexts(wanted: string, came: string): Omit<DifferenceText, 'paths'> {
  const from = commonStart(wanted, came);
  const start = Math.max(wanted.length, came.length) > WIDTH && from > CONTEXT ? from - CONTEXT : 0;
  const [expected, got] = [part(wanted, start), part(came, start)];
  const before = commonStart(expected, got);
  const after = commonEnd(expected.slice(before), got.slice(before));
  // Both have quotes.
  const shorter = Math.min(expected.length, got.length) - 2;
  if (before + after - 2 < shorter / 2) return { expected, got };
  return { expected, got, mark: { start: before, length: Math.max(1, got.length - before - after) } };
}

/** From an offset on, as wide as fits, in quotes. */
function part(text: string, start: number): string {
  const end = start + WIDTH;
  const shown = printable(JSON.stringify(text.slice(start, end)));
  return `${start > 0 ? '…' : ''}${shown}${end < text.length ? `… (${text.length} characters)` : ''}`;
}

/** What is around a text that was found. */
export function around(text: string, found: string): string {
  const at = text.toLowerCase().indexOf(found.toLowerCase());
  const start = Math.max(0, at - CONTEXT);
  const end = at + found.length + CONTEXT;
  const shown = printable(JSON.stringify(text.slice(start, end)));
  return `${start > 0 ? '…' : ''}${shown}${end < text.length ? '…' : ''}`;
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

function commonEnd(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[a.length - 1 - length] === b[b.length - 1 - length]) length++;
  return length;
}

function cut(text: string): string {
  const safe = printable(text);
  return safe.length > WIDTH ? `${safe.slice(0, WIDTH)}…` : safe;
}

/** As JSON, with the point of doubles; on one line. */
export function valueText(value: Value): string {
  if (value instanceof Uint8Array) return `bytes ${JSON.stringify(Buffer.from(value).toString('base64'))}`;
  if (value instanceof Double) return `${value.value}.0`;
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (isMap(value)) {
    const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${valueText(inner)}`);
    return `{${entries.join(', ')}}`;
  }
  if (typeof value === 'string') return JSON.stringify(value);
  return isDouble(value) && Object.is(toNumber(value), -0) ? '-0.0' : String(value ?? null);
}

/** What is expected, in words. */
export function patternText(pattern: Pattern): string {
  switch (pattern.kind) {
    case 'value':
      return valueText(pattern.value);
    case 'matches':
      return `a text that matches ${pattern.regex.pattern}`;
    case 'contains':
      return `a text that contains ${JSON.stringify(pattern.text)}`;
    case 'exists':
      return pattern.wanted ? 'anything' : 'nothing';
    case 'one_of':
      return `one of ${pattern.choices.map(patternText).join(', ')}`;
    case 'not':
      return `anything but ${patternText(pattern.pattern)}`;
    case 'list':
      return `[${pattern.items.map(patternText).join(', ')}]`;
    case 'map': {
      const entries = [...pattern.entries].map(([key, inner]) => `${JSON.stringify(key)}: ${patternText(inner)}`);
      return `{${entries.join(', ')}${pattern.exact || entries.length === 0 ? '' : ', …'}}`;
    }
  }
}

function kindOf(value: Value): string {
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'boolean') return 'a boolean';
  if (value === null || value === undefined) return 'nothing in it';
  if (value instanceof Uint8Array) return 'bytes';
  if (isInt(value)) return 'an integer';
  return isDouble(value) ? 'a double' : Array.isArray(value) ? 'a list' : 'a map';
}
