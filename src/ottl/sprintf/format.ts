/**
 * Format strings as Go's fmt package reads them. A format is parsed once for a number of arguments; what goes wrong is no
 * error, but is told inside of the text that comes out, as in Go: `%!d(string=x)`, `%!s(MISSING)`.
 */
import { kindName, type OttlValue } from '../value.ts';
import type { Flags } from './flags.ts';
import { print, widthFrom } from './print.ts';

/** A number that stands in the format or, for `*`, the place of an argument, which may be missing. */
type Amount = number | { readonly argument: number | undefined } | undefined;

interface Directive {
  readonly flags: ReadonlySet<string>;
  readonly width: Amount;
  readonly precision: Amount;
  readonly verb: string;
  /** What stands instead of the argument: "BADINDEX", "MISSING" or, at the end of the format, "NOVERB". */
  readonly argument: number | string;
}

type Piece = string | Directive;

/** Writes that number of arguments. */
export type Format = (args: readonly OttlValue[]) => string;

export function parseFormat(format: string, argumentCount: number): Format {
  const { pieces, rest } = new Parser(format, argumentCount).parse();
  return (args) => {
    let text = '';
    for (const piece of pieces) text += typeof piece === 'string' ? piece : written(piece, args);
    return rest < args.length ? text + extra(args.slice(rest)) : text;
  };
}

function written(directive: Directive, args: readonly OttlValue[]): string {
  const { verb, argument } = directive;
  const flags: Flags = {
    minus: directive.flags.has('-'),
    plus: directive.flags.has('+'),
    sharp: directive.flags.has('#'),
    space: directive.flags.has(' '),
    zero: directive.flags.has('0'),
    width: undefined,
    precision: undefined,
  };
  let before = '';
  if (typeof directive.width === 'object') {
    flags.width = widthFrom(directive.width.argument, args);
    if (flags.width === undefined) before += '%!(BADWIDTH)';
    else if (flags.width < 0) Object.assign(flags, { width: -flags.width, minus: true, zero: false });
  } else flags.width = directive.width;
  if (typeof directive.precision === 'object') {
    const precision = widthFrom(directive.precision.argument, args);
    if (precision === undefined || precision < 0) before += '%!(BADPREC)';
    else flags.precision = precision;
  } else flags.precision = directive.precision;
  if (verb === '%') return `${before}%`;
  if (typeof argument === 'string') return `${before}%!${verb}(${argument})`;
  return before + print(args[argument], verb, flags);
}

function extra(args: readonly OttlValue[]): string {
  const parts = args.map((value) => (value === undefined ? '<nil>' : `${kindName(value)}=${print(value, 'v')}`));
  return `%!(EXTRA ${parts.join(', ')})`;
}

/** Greater widths and precisions count as none. */
const MOST = 1_000_000;

class Parser {
  readonly #format: string;
  readonly #count: number;
  readonly #pieces: Piece[] = [];
  #at = 0;
  #argument = 0;
  #isReordered = false;
  #isIndexGood = true;
  #isAfterIndex = false;

  constructor(format: string, count: number) {
    this.#format = format;
    this.#count = count;
  }

  /** @returns also the first argument that is not used */
  parse(): { pieces: readonly Piece[]; rest: number } {
    const end = this.#format.length;
    while (this.#at < end) {
      const percent = this.#format.indexOf('%', this.#at);
      this.#pieces.push(this.#format.slice(this.#at, percent < 0 ? end : percent));
      if (percent < 0) break;
      this.#at = percent + 1;
      this.#directive();
    }
    return { pieces: this.#pieces, rest: this.#isReordered ? this.#count : this.#argument };
  }

  #directive(): void {
    this.#isIndexGood = true;
    const flags = new Set<string>();
    for (; '#0+- '.includes(this.#character() || 'none'); this.#at++) flags.add(this.#character());
    this.#index();
    const width = this.#amount();
    // An index belongs to the star or the verb behind it: none to a number.
    if (this.#isAfterIndex && width !== undefined) this.#isIndexGood = false;
    let precision: Amount;
    if (this.#character() === '.' && this.#at + 1 < this.#format.length) {
      this.#at++;
      if (this.#isAfterIndex) this.#isIndexGood = false;
      this.#index();
      precision = this.#amount() ?? 0;
    }
    if (!this.#isAfterIndex) this.#index();
    if (this.#at >= this.#format.length) {
      this.#pieces.push({ flags, width, precision, verb: '', argument: 'NOVERB' });
      return;
    }
    const verb = String.fromCodePoint(this.#format.codePointAt(this.#at) ?? 0);
    this.#at += verb.length;
    this.#pieces.push({ flags, width, precision, verb, argument: verb === '%' ? 0 : this.#nextArgument() });
  }

  #nextArgument(): number | string {
    if (!this.#isIndexGood) return 'BADINDEX';
    return this.#argument < this.#count ? this.#argument++ : 'MISSING';
  }

  #character(): string {
    return this.#format.charAt(this.#at);
  }

  /** A star or a number. */
  #amount(): Amount {
    if (this.#character() !== '*') return this.#number(this.#format.length);
    this.#at++;
    this.#isAfterIndex = false;
    return { argument: this.#argument < this.#count ? this.#argument++ : undefined };
  }

  /** What is too large takes the rest of the text with it. */
  #number(end: number): number | undefined {
    let value: number | undefined;
    for (; this.#at < end && /\d/.test(this.#character()); this.#at++) {
      if ((value ?? 0) > MOST) {
        this.#at = end;
        return undefined;
      }
      value = (value ?? 0) * 10 + Number(this.#character());
    }
    return value;
  }

  /** `[3]`, the number of the argument that is next. */
  #index(): void {
    this.#isAfterIndex = false;
    if (this.#character() !== '[') return;
    this.#isReordered = true;
    const close = this.#format.indexOf(']', this.#at + 1);
    if (close < 0 || this.#format.length - this.#at < 3) {
      this.#at++;
      this.#isIndexGood = false;
      return;
    }
    this.#at++;
    const number = this.#number(close);
    this.#isAfterIndex = number !== undefined && this.#at === close;
    if (this.#isAfterIndex && number !== undefined && number >= 1 && number <= this.#count) this.#argument = number - 1;
    else this.#isIndexGood = false;
    this.#at = close + 1;
  }
}
