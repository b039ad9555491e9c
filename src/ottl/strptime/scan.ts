/** Reads one element of a layout from a text, as Go does. Texts are strings of bytes. */
import { abbreviated, DAYS, isFraction, MONTHS, type OffsetForm, offsetForm } from './layout.ts';

/** What has been read so far. */
export interface Reading {
  year: number;
  month?: number;
  day?: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  half?: 'AM' | 'PM';
  offsetSeconds?: number;
  zoneName?: string;
  isUtc?: boolean;
}

/** What remains of the text; `false`: it does not fit; or what it is that is out of range, with what remains. */
export type Scanned = string | false | { readonly outOfRange: string; readonly rest: string };

type Scanner = (text: string, into: Reading) => Scanned;

const SHORT_MONTHS = MONTHS.map(abbreviated);
const SHORT_DAYS = DAYS.map(abbreviated);

const SCANNERS: Readonly<Record<string, Scanner>> = {
  '2006': (text, into) => {
    if (!/^\d{4}/.test(text)) return false;
    into.year = Number(text.slice(0, 4));
    return text.slice(4);
  },
  '06': (text, into) => {
    // A sign is taken for a part of the number.
    if (!/^[\d+-]\d/.test(text)) return false;
    const year = Number(text.slice(0, 2));
    into.year = year + (year >= 69 ? 1900 : 2000);
    return text.slice(2);
  },
  January: name(MONTHS, (month, into) => {
    into.month = month;
  }),
  Jan: name(SHORT_MONTHS, (month, into) => {
    into.month = month;
  }),
  Monday: name(DAYS, () => {}),
  Mon: name(SHORT_DAYS, () => {}),
  ...numbers(['1', '01'], 'month', 1, 12, (month, into) => {
    into.month = month;
  }),
  // Whether the month has the day is seen when everything has been read.
  ...numbers(['2', '02', '_2'], 'day', 0, 99, (day, into) => {
    into.day = day;
  }),
  ...numbers(['15'], 'hour', 0, 23, (hour, into) => {
    into.hour = hour;
  }),
  ...numbers(['3', '03'], 'hour', 0, 12, (hour, into) => {
    into.hour = hour;
  }),
  ...numbers(['4', '04'], 'minute', 0, 59, (minute, into) => {
    into.minute = minute;
  }),
  ...numbers(['5', '05'], 'second', 0, 59, (second, into) => {
    into.second = second;
  }),
  PM: half('AM', 'PM'),
  pm: half('am', 'pm'),
  MST: (text, into) => {
    if (text.startsWith('UTC')) {
      into.isUtc = true;
      return text.slice(3);
    }
    const zone = zoneName(text);
    if (!zone) return false;
    into.zoneName = zone;
    return text.slice(zone.length);
  },
};

/** @param next the element that comes after it, if any */
export function scanElement(element: string, next: string | undefined, text: string, into: Reading): Scanned {
  if (isFraction(element)) return scanFraction(text, into);
  const form = offsetForm(element);
  if (form) return scanOffset(form, text, into);
  const rest = SCANNERS[element]?.(text, into) ?? false;
  // A fraction behind the second is taken though the layout has none.
  const isSecond = element === '5' || element === '05';
  return isSecond && typeof rest === 'string' && !(next && isFraction(next)) ? scanFraction(rest, into) : rest;
}

/** Digits beyond the ninth are skipped. Nothing is fine too. */
function scanFraction(text: string, into: Reading): string {
  const digits = /^[.,](\d+)/.exec(text)?.[1];
  if (digits === undefined) return text;
  into.nanosecond = Number(digits.slice(0, 9).padEnd(9, '0'));
  return text.slice(digits.length + 1);
}

function name(names: readonly string[], take: (number: number, into: Reading) => void): Scanner {
  const lower = names.map((each) => each.toLowerCase());
  return (text, into) => {
    const start = text.slice(0, 9).toLowerCase();
    const index = lower.findIndex((each) => start.startsWith(each));
    if (index < 0) return false;
    take(index + 1, into);
    return text.slice(names[index]?.length);
  };
}

/** One or two digits; where the layout has a zero, two. */
function numbers(
  elements: readonly string[],
  what: string,
  least: number,
  most: number,
  take: (value: number, into: Reading) => void,
): Record<string, Scanner> {
  const scanner =
    (element: string): Scanner =>
    (text, into) => {
      const start = element === '_2' && text.startsWith(' ') ? 1 : 0;
      const digits = (element.startsWith('0') ? /^\d\d/ : /^\d\d?/).exec(text.slice(start, start + 2))?.[0];
      if (!digits) return false;
      const rest = text.slice(start + digits.length);
      const value = Number(digits);
      if (value < least || value > most) return { outOfRange: what, rest };
      take(value, into);
      return rest;
    };
  return Object.fromEntries(elements.map((element) => [element, scanner(element)]));
}

function half(morning: string, afternoon: string): Scanner {
  return (text, into) => {
    const word = text.slice(0, 2);
    if (word !== morning && word !== afternoon) return false;
    into.half = word === morning ? 'AM' : 'PM';
    return text.slice(2);
  };
}

function scanOffset({ zulu, colon, parts }: OffsetForm, text: string, into: Reading): Scanned {
  if (zulu && text.startsWith('Z')) {
    into.isUtc = true;
    return text.slice(1);
  }
  const length = 1 + 2 * parts + colon.length * (parts - 1);
  if (text.length < length) return false;
  const rest = text.slice(length);
  const match = OFFSETS[`${colon}${parts}`]?.exec(text.slice(0, length));
  if (!match) return false;
  const [, sign, ...digits] = match;
  const [hours = 0, minutes = 0, seconds = 0] = digits.map(Number);
  // 24 hours and 60 minutes are taken: some write them.
  if (seconds > 60) return { outOfRange: 'time zone offset second', rest };
  if (minutes > 60) return { outOfRange: 'time zone offset minute', rest };
  if (hours > 24) return { outOfRange: 'time zone offset hour', rest };
  into.offsetSeconds = (sign === '-' ? -1 : 1) * ((hours * 60 + minutes) * 60 + seconds);
  return rest;
}

const OFFSETS: Readonly<Record<string, RegExp>> = {
  1: /^([+-])(\d\d)$/,
  2: /^([+-])(\d\d)(\d\d)$/,
  3: /^([+-])(\d\d)(\d\d)(\d\d)$/,
  ':2': /^([+-])(\d\d):(\d\d)$/,
  ':3': /^([+-])(\d\d):(\d\d):(\d\d)$/,
};

/** What looks like the short name of a zone; `""` where nothing does. */
function zoneName(text: string): string {
  const special = /^(?:ChST|MeST)/.exec(text);
  if (special) return special[0];
  const offset = /^(GMT|(?=[+-]))([+-]\d+)?/.exec(text);
  if (offset) {
    const isPlausible = offset[2] !== undefined && Math.abs(Number(offset[2])) <= 23;
    return `${offset[1]}${isPlausible ? offset[2] : ''}`;
  }
  const letters = /^[A-Z]{0,6}/.exec(text)?.[0] ?? '';
  if (letters.length === 3 || (letters.length === 5 && letters.endsWith('T'))) return letters;
  return letters.length === 4 && (letters.endsWith('T') || letters === 'WITA') ? letters : '';
}
