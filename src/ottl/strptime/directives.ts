/** The directives of `Time` and `FormatTime`, which are not quite those of C. */
import { OttlError } from '../error.ts';

/** To Go's layout, as `FormatTime` writes them. */
const LAYOUTS: Readonly<Record<string, string>> = {
  ...{ '%Y': '2006', '%y': '06', '%m': '01', '%o': '_1', '%q': '1', '%b': 'Jan', '%h': 'Jan', '%B': 'January' },
  ...{ '%d': '02', '%e': '_2', '%g': '2', '%a': 'Mon', '%A': 'Monday' },
  ...{ '%H': '15', '%l': '3', '%I': '03', '%p': 'PM', '%P': 'pm', '%M': '04', '%S': '05' },
  ...{ '%L': '999', '%f': '999999', '%s': '999999999' },
  ...{ '%Z': 'MST', '%z': 'Z0700', '%w': '-070000', '%i': '-07', '%j': '-07:00', '%k': '-07:00:00' },
  ...{ '%D': '01/02/2006', '%x': '01/02/2006', '%F': '2006-01-02', '%T': '15:04:05', '%X': '15:04:05' },
  ...{ '%r': '03:04:05 pm', '%R': '15:04', '%c': 'Mon Jan 02 15:04:05 2006' },
  ...{ '%n': '\n', '%t': '\t', '%%': '%' },
};

const CLOCK = ['15', ':', '4', ':', '5'];
const SLASHED = [
  ['1', '/', '2', '/', '2006'],
  ['1', '/', '2', '/', '06'],
];

/** What `Time` tries one after the other, part by part: it takes numbers with or without leading zeros. */
const READABLE: Readonly<Record<string, readonly (readonly string[])[]>> = {
  ...{ '%m': [['1']], '%o': [['1']], '%q': [['1']], '%d': [['2']], '%e': [['2']], '%g': [['2']] },
  ...{ '%I': [['3']], '%M': [['4']], '%S': [['5']], '%z': [['Z0700'], ['Z07:00'], ['Z07']] },
  ...{ '%D': SLASHED, '%x': SLASHED, '%F': [['2006', '-', '1', '-', '2']], '%T': [CLOCK], '%X': [CLOCK] },
  ...{ '%r': [['3', ':', '4', ':', '5', ' ', 'pm']], '%R': [CLOCK.slice(0, 3)] },
  '%c': [['Mon', ' ', 'Jan', ' ', '2', ' ', ...CLOCK, ' ', '2006']],
};

const DIRECTIVE = /%[^\n]/gu;

/** @throws {OttlError} for a format that neither can be read nor written with */
export function checkFormat(format: string): void {
  if (format === '') throw new OttlError('format cannot be nil');
  if (/\d/.test(format)) throw new OttlError('format string should not contain decimals');
  const fraction = /[^.,]%[Lfs]/u.exec(format);
  if (fraction) {
    throw new OttlError(`invalid fractional seconds directive: '${fraction[0]}'. must be preceded with '.' or ','`);
  }
  const unknown = (format.match(DIRECTIVE) ?? []).filter((directive) => !Object.hasOwn(LAYOUTS, directive));
  if (unknown.length > 0) {
    const each = unknown.map((directive) => `unsupported ctimefmt.toNative() directive: ${directive}`);
    throw new OttlError(`invalid strptime format: [${each.join(' ')}]`);
  }
}

/** The layout to write with. @param format one that `checkFormat` takes */
export function writingLayout(format: string): string {
  return format.replace(DIRECTIVE, (directive) => LAYOUTS[directive] ?? '');
}

export interface Directive {
  /** What stands before it. */
  readonly literal: string;
  readonly name: string;
  /** Layouts that may be tried, in parts: a part that fails to match tells whose fault it is. */
  readonly alternatives: readonly (readonly string[])[];
}

/** @param format one that `checkFormat` takes */
export function readingSteps(format: string): { readonly directives: readonly Directive[]; readonly tail: string } {
  const directives: Directive[] = [];
  let end = 0;
  for (const { 0: name, index } of format.matchAll(DIRECTIVE)) {
    const alternatives = READABLE[name] ?? [[LAYOUTS[name] ?? '']];
    directives.push({ literal: format.slice(end, index), name, alternatives });
    end = index + name.length;
  }
  return { directives, tail: format.slice(end) };
}
