/**
 * Go's layouts: a sample of the reference time, in which "2006" stands for the year. Directives of strptime are made into
 * them, so that whatever else in a format looks like a part of the reference time ("Jan", "PM") acts as one, as in the
 * Collector.
 *
 * Layouts and texts are strings of bytes here (`latin1` of their UTF-8): lengths and quoting go by bytes in Go.
 */
export interface Layout {
  readonly steps: readonly Step[];
  /** What stands behind the last element. */
  readonly tail: string;
}

export interface Step {
  /** What stands before the element. */
  readonly literal: string;
  /** As it is written in the layout: "2006", "Jan", ".999". */
  readonly element: string;
}

const ELEMENT =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|15?|2006|2|_2(?!006)|[345]|PM|pm|[-Z]07(?:0000|:00:00|00|:00)?|[.,]9+(?!\d)/g;

export function layoutOf(text: string): Layout {
  const steps: Step[] = [];
  let end = 0;
  for (const { 0: element, index } of text.matchAll(ELEMENT)) {
    steps.push({ literal: text.slice(end, index), element });
    end = index + element.length;
  }
  return { steps, tail: text.slice(end) };
}

/** Whether it is a fraction of the second, with its separator. */
export function isFraction(element: string): boolean {
  return element.startsWith('.') || element.startsWith(',');
}

/** How an offset from UTC is written. */
export interface OffsetForm {
  /** "Z" stands for UTC. */
  readonly zulu: boolean;
  readonly colon: '' | ':';
  /** Hours alone are 1. */
  readonly parts: 1 | 2 | 3;
}

/** Of an element like "-07:00" or "Z0700"; undefined of others. */
export function offsetForm(element: string): OffsetForm | undefined {
  const match = /^([-Z])07(:?)(?:00)?(:?00)?$/.exec(element);
  if (!match) return undefined;
  const parts = element.replace(/\D/g, '').length / 2;
  return { zulu: match[1] === 'Z', colon: match[2] ? ':' : '', parts: parts as 1 | 2 | 3 };
}

export const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];
export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

export function abbreviated(name: string): string {
  return name.slice(0, 3);
}

/** UTF-8 as one character per byte. */
export function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function textOfBytes(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** In quotes, with everything but printable ASCII as `\x..`. Of a string of bytes. */
export function quoted(bytes: string): string {
  const escaped = bytes.replace(/["\\]|[^ -\x7f]/g, (char) =>
    char === '"' || char === '\\' ? `\\${char}` : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${escaped}"`;
}
