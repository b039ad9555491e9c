/** Names of months, days and halves of the day in other languages, from Intl's data. */
import { OttlError } from '../error.ts';
import { abbreviated, bytesOf, DAYS, MONTHS, textOfBytes } from './layout.ts';

/** Where a text is not in the locale's words. */
export interface LocaleMismatch {
  readonly element: string;
}

export interface Locale {
  /** The text with English names in the places where the layout has names. Layout and text are bytes. */
  translated(layout: string, text: string): string | LocaleMismatch;
}

interface Names {
  /** Folded, as bytes. */
  readonly local: readonly string[];
  readonly english: readonly string[];
}

/** @param tag as the CLDR writes it: "es", "es-ES". @throws {OttlError} */
export function localeOf(tag: string): Locale {
  const unsupported = () => new OttlError(`unsupported locale '${tag}', value must be a supported BCP 47 language tag`);
  if (!isKnown(tag)) throw unsupported();
  // Languages of several scripts want theirs named: "zh-Hans-CN", not "zh-CN".
  if (/^[a-z]+-(?:[A-Z]{2}|\d{3})$/.test(tag) && isKnown(new Intl.Locale(tag).maximize().toString()))
    throw unsupported();
  const tables = tablesOf(tag);
  return { translated: (layout, text) => translate(tables, tag, layout, text) };
}

/** Whether Intl has data of its own for exactly that tag. */
function isKnown(tag: string): boolean {
  try {
    return new Intl.DateTimeFormat(tag).resolvedOptions().locale === tag;
  } catch {
    return false;
  }
}

type Tables = Readonly<Record<string, Names | undefined>>;

/** Halves of the day where the CLDR has them in its narrow form only, which Intl does not give. */
const NARROW_HALVES: ReadonlyMap<string, readonly string[]> = new Map([
  ...['ast', 'az', 'ceb', 'da', 'ka', 'km', 'kn', 'mr', 'nso', 'pl', 'rm', 'sn', 'th', 'tn', 'ur', 'zu'].map(
    (language): [string, readonly string[]] => [language, ['a', 'p']],
  ),
  ['it', ['m.', 'p.']],
  ['lij', ['m.', 'p.']],
]);
/** Where AM and PM are the language's own words. Elsewhere they only stand in for words that it has not. */
const ENGLISH_HALVES = new Set(['be', 'en', 'fil', 'hi', 'mt', 'pa', 'sw']);
/** Where short names are the long ones. Elsewhere that only means that there are no short ones. */
const SHORT_AS_LONG = new Set(['cop', 'csw', 'hnj', 'kab', 'lrc', 'mww', 'mzn', 'nn', 'si', 'sid', 'vai']);

function tablesOf(tag: string): Tables {
  const language = tag.split('-')[0] as string;
  const [months, shortMonths] = [monthsOf(tag, 'long'), monthsOf(tag, 'short')];
  const [days, shortDays] = [daysOf(tag, 'long'), daysOf(tag, 'short')];
  const halves = halvesOf(tag, language);
  const isShort = (short: readonly string[], long: readonly string[]) =>
    SHORT_AS_LONG.has(language) || short.some((name, index) => name !== long[index]);
  const names = (local: readonly string[] | undefined, english: readonly string[]): Names | undefined =>
    local && { local: local.map((name) => bytesOf(name.replaceAll('\u202f', ''))), english };
  return {
    January: names(months, MONTHS),
    Jan: names(isShort(shortMonths, months) ? shortMonths : undefined, MONTHS.map(abbreviated)),
    Monday: names(days, DAYS),
    Mon: names(isShort(shortDays, days) ? shortDays : undefined, DAYS.map(abbreviated)),
    PM: names(halves, ['AM', 'PM']),
    pm: names(halves, ['am', 'pm']),
  };
}

function monthsOf(tag: string, width: 'long' | 'short'): string[] {
  return MONTHS.map((_, index) => {
    const ms = Date.UTC(2024, index, 15);
    const name = part(tag, { month: width, day: 'numeric', year: 'numeric' }, 'month', ms);
    // Some languages write dates with numbers alone; then the name as it stands by itself is meant.
    return /^\d+$/.test(name) ? formatIn(tag, { month: width }).format(ms) : name;
  });
}

function daysOf(tag: string, width: 'long' | 'short'): string[] {
  const options = { weekday: width, day: 'numeric', month: 'long', year: 'numeric' } as const;
  // The first of September 2024 was a Sunday.
  return DAYS.map((_, index) => part(tag, options, 'weekday', Date.UTC(2024, 8, index + 1)));
}

function halvesOf(tag: string, language: string): readonly string[] | undefined {
  const narrow = NARROW_HALVES.get(language);
  if (narrow) return narrow;
  const halves = [1, 13].map((hour) =>
    part(tag, { hour: 'numeric', hour12: true }, 'dayPeriod', Date.UTC(2024, 0, 1, hour)),
  );
  return halves[0] === 'AM' && !ENGLISH_HALVES.has(language) ? undefined : halves;
}

function part(
  tag: string,
  options: Intl.DateTimeFormatOptions,
  type: Intl.DateTimeFormatPartTypes,
  ms: number,
): string {
  return (
    formatIn(tag, options)
      .formatToParts(ms)
      .find((each) => each.type === type)?.value ?? ''
  );
}

function formatIn(tag: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(tag, { calendar: 'gregory', numberingSystem: 'latn', timeZone: 'UTC', ...options });
}

const ELEMENTS = /January|Jan(?![a-z])|Monday|Mon(?![a-z])|[Pp][Mm]|_2(?:006)?|(?<!0)[345]|./gs;
const SPACES = /[\t-\r \x85\xa0]*/y;

function translate(tables: Tables, tag: string, layout: string, text: string): string | LocaleMismatch {
  let result = '';
  let at = 0;
  for (const [element] of layout.matchAll(ELEMENTS)) {
    const named = /^[Pp][Mm]$/.test(element) ? `${element[0]}${element[0] === 'P' ? 'M' : 'm'}` : element;
    const start = skipSpaces(text, at);
    if (Object.hasOwn(tables, named)) {
      const names = tables[named];
      if (!names) throw new OttlError(`layout element "${named}" is not supported by the language "${tag}"`);
      const found = lookUp(names, text, start);
      if (!found) return { element: named };
      result += ' '.repeat(start - at) + found.english;
      at = start + found.length;
    } else if (/^[345]$/.test(element)) {
      const digits = /^\d\d?/.exec(text.slice(start, start + 2))?.[0];
      if (!digits) return { element };
      result += ' '.repeat(start - at) + digits;
      at = start + digits.length;
    } else if (element.startsWith('_2') && text.length >= at + element.length) {
      const word = /^[^\t-\r \x85\xa0]+/.exec(text.slice(start, start + element.length))?.[0];
      if (!word) return { element };
      result += ' '.repeat(start - at) + word;
      at = start + word.length;
    } else {
      for (let i = 0; i < element.length && at < text.length; i++) {
        // A byte beyond ASCII is taken for a character, as it is there: such literals in a format never fit.
        const copied = bytesOf(text[at] as string);
        result += copied;
        at += copied.length;
      }
    }
  }
  return result + text.slice(at);
}

function skipSpaces(text: string, at: number): number {
  SPACES.lastIndex = at;
  SPACES.test(text);
  return Math.max(at, SPACES.lastIndex);
}

/** The longest name that stands there, in any case. */
function lookUp({ local, english }: Names, text: string, at: number): { english: string; length: number } | undefined {
  let best: { english: string; length: number } | undefined;
  for (const [index, name] of local.entries()) {
    if (name === '' || (best && name.length <= best.length) || at + name.length > text.length) continue;
    if (folded(text.slice(at, at + name.length)) === folded(name)) {
      best = { english: english[index] as string, length: name.length };
    }
  }
  return best;
}

function folded(bytes: string): string {
  return textOfBytes(bytes).toUpperCase().toLowerCase();
}
