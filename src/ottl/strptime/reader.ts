/**
 * Reads times by a format with directives. A directive stands for several layouts (a number with or without a leading
 * zero, offsets with or without a colon); they are tried until the text fits, and the one that fitted is tried first the
 * next time.
 */
import { OttlError } from '../error.ts';
import { OttlTime, type Zone } from '../value.ts';
import { civilOf, instantOfCivil } from '../zone/civil.ts';
import { zoneNamed } from '../zone/zone.ts';
import { checkFormat, type Directive, readingSteps } from './directives.ts';
import { bytesOf, type Layout, layoutOf, quoted, textOfBytes } from './layout.ts';
import type { Locale } from './locale.ts';
import { type Mismatch, parseTime } from './parse.ts';

export interface ReaderOptions {
  /** Where clocks are meant that tell no zone. */
  readonly zone: Zone;
  /** Of the names; English where it is left out. */
  readonly locale?: Locale | undefined;
  /** For formats without a year. */
  now(): OttlTime;
}

/** Whose fault it is, and in which words. */
interface Failure {
  /** The element of the layout, or the directive once it is known. */
  element: string;
  readonly rest: string;
  readonly message: (element: string) => string;
}

/** Tries of one text. The Collector would look forever at some. */
const MAX_TRIES = 400;
const MAX_LAYOUTS = 200;

export class TimeReader {
  readonly #format: string;
  readonly #directives: readonly Directive[];
  readonly #tail: string;
  readonly #options: ReaderOptions;
  readonly #layouts = new Map<string, Layout>();
  #lastLayout: string | undefined;
  #triesLeft = 0;

  /** @throws {OttlError} for a format that is none */
  constructor(format: string, options: ReaderOptions) {
    checkFormat(format);
    this.#format = bytesOf(format);
    const { directives, tail } = readingSteps(this.#format);
    this.#directives = directives;
    this.#tail = tail;
    this.#options = options;
  }

  /** @throws {OttlError} for a text that does not fit */
  read(text: string): OttlTime {
    const bytes = bytesOf(text);
    this.#triesLeft = MAX_TRIES;
    if (this.#lastLayout !== undefined) {
      const time = this.#attempt(this.#lastLayout, bytes);
      if (time instanceof OttlTime) return time;
    }
    const outcome = this.#search('', 0, bytes);
    if (outcome instanceof OttlTime) return outcome;
    throw new OttlError(textOfBytes(outcome.message(outcome.element)));
  }

  /** Tries the layouts of the directive at `index`, and for each those of the following ones. */
  #search(layout: string, index: number, text: string): OttlTime | Failure {
    const directive = this.#directives[index];
    if (!directive) {
      const whole = layout + this.#tail;
      const outcome = this.#attempt(whole, text);
      if (outcome instanceof OttlTime) this.#lastLayout = whole;
      return outcome;
    }
    let outcome: OttlTime | Failure | undefined;
    for (const alternative of directive.alternatives) {
      let parts = alternative;
      for (;;) {
        outcome = this.#search(layout + directive.literal + parts.join(''), index + 1, text);
        if (outcome instanceof OttlTime) return outcome;
        const culprit = outcome.element === '' ? -1 : parts.indexOf(outcome.element);
        if (culprit < 0) return outcome;
        outcome.element = directive.name;
        // Spaces before a number are skipped: the next try has them in the layout.
        const spaces = /^[\dZ]/.test(parts[culprit] as string) ? /^[\t\n\f\r ]+/.exec(outcome.rest)?.[0] : undefined;
        if (spaces === undefined) break;
        parts = parts.toSpliced(culprit, 0, spaces);
      }
    }
    return outcome as OttlTime | Failure;
  }

  #attempt(layout: string, text: string): OttlTime | Failure {
    if (this.#triesLeft-- <= 0) {
      return failure('', '', () => `parsing time ${quoted(text)}: too many ways to read it`);
    }
    let english = text;
    if (this.#options.locale) {
      const translated = this.#options.locale.translated(layout, text);
      if (typeof translated !== 'string') {
        const message = (element: string) => `value "${text}" does not match the layout element "${element}"`;
        return failure(translated.element, 'unknown', message);
      }
      english = translated;
    }
    const time = this.#inPlace(layout, english);
    return time instanceof OttlTime ? this.#withYear(time) : time;
  }

  /** An abbreviation that the zone does not know may still be a zone of its own ("EST"). */
  #inPlace(layoutText: string, text: string): OttlTime | Failure {
    const layout = this.#layout(layoutText);
    const time = parseTime(layout, text, this.#options.zone);
    if (!(time instanceof OttlTime)) return this.#failureOf(time, text);
    const { offsetSeconds, abbreviation } = time.zone.at(time.unixNano);
    if (offsetSeconds !== 0 || abbreviation === 'UTC') return time;
    if (abbreviation === this.#options.zone.at(time.unixNano).abbreviation) return time;
    let zone: Zone;
    try {
      zone = zoneNamed(abbreviation);
    } catch (error) {
      return failure('', '', () => `failed to load location ${abbreviation}: ${(error as OttlError).message}`);
    }
    const again = parseTime(layout, text, zone);
    return again instanceof OttlTime ? again : time;
  }

  #failureOf({ element, rest, reason }: Mismatch, text: string): Failure {
    return failure(element, rest, (blamed) =>
      reason
        ? `parsing time ${quoted(text)}${reason}`
        : `parsing time ${quoted(text)} as ${quoted(this.#format)}: cannot parse ${quoted(rest)} as ${quoted(blamed)}`,
    );
  }

  /** Times without a year are of this one, or of the last one if that lies more than a week in the future. */
  #withYear(time: OttlTime): OttlTime {
    const civil = civilOf(time);
    if (civil.year > 0) return time;
    const now = this.#options.now();
    const { year } = civilOf(now);
    const thisYear = instantOfCivil({ ...civil, year }, time.zone);
    const today = civilOf(now);
    const inAWeek = instantOfCivil({ ...today, day: today.day + 7 }, now.zone);
    const isFuture = thisYear > inAWeek;
    if (!isFuture) return new OttlTime(thisYear, time.zone);
    const shown = civilOf(new OttlTime(thisYear, time.zone));
    return new OttlTime(instantOfCivil({ ...shown, year: shown.year - 1 }, time.zone), time.zone);
  }

  #layout(text: string): Layout {
    const known = this.#layouts.get(text);
    if (known) return known;
    if (this.#layouts.size >= MAX_LAYOUTS) this.#layouts.clear();
    const layout = layoutOf(text);
    this.#layouts.set(text, layout);
    return layout;
  }
}

function failure(element: string, rest: string, message: Failure['message']): Failure {
  return { element, rest, message };
}
