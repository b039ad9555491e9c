/** Texts in which something is written in another way: percent-encoding, HTML entities, JSON's escapes. */

import { isUtf8 } from 'node:buffer';
import { plainForm } from './plain-text.ts';

export interface DecodedText {
  readonly text: string;
  /** For each code unit of `text`, and its end, the offset in the original text where it comes from. */
  readonly at: Uint32Array;
}

/** Encodings of encodings that are undone: `&amp;#64;`, `%2540`, `\\\\u0040`. */
const MAX_ROUNDS = 8;

/** The text with encodings undone once, twice, ...: each that differs from the one before. Empty where nothing is encoded. */
export function decodedForms(text: string): DecodedText[] {
  const forms: DecodedText[] = [];
  let last: DecodedText | undefined;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = decodeOnce(last?.text ?? text);
    if (!next) break;
    last = onto(last, next);
    forms.push(last);
  }
  return forms;
}

/** Those, and at last the text as a reader takes it: for who rather finds too much. */
export function readableForms(text: string): DecodedText[] {
  const forms = decodedForms(text);
  const last = forms.at(-1);
  const plain = plainForm(last?.text ?? text);
  return plain ? [...forms, onto(last, plain)] : forms;
}

function onto(before: DecodedText | undefined, { text, at }: DecodedText): DecodedText {
  return before ? { text, at: at.map((offset) => before.at[offset] as number) } : { text, at };
}

const ENCODED =
  /(?:%[0-9a-fA-F]{2})+|&(?:#(\d{1,16});?|#[xX]([0-9a-fA-F]{1,16});?|([a-zA-Z]{2,15});)|\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|(["\\/bfnrt]))/g;

/** Undefined: there is nothing to undo. */
function decodeOnce(text: string): DecodedText | undefined {
  if (!/[%&\\]/.test(text)) return undefined;
  const parts: string[] = [];
  const at: number[] = [];
  let copied = 0;
  const copy = (end: number) => {
    parts.push(text.slice(copied, end));
    for (let offset = copied; offset < end; offset++) at.push(offset);
    copied = end;
  };
  for (const match of text.matchAll(ENCODED)) {
    const [whole, decimal, hex, name, unit, point, byte, escaped] = match;
    if (whole.startsWith('%')) {
      const bytes = Buffer.from(whole.replaceAll('%', ''), 'hex');
      const isText = isUtf8(bytes);
      const decoded = bytes.toString(isText ? 'utf8' : 'latin1');
      copy(match.index);
      let offset = match.index;
      for (const character of decoded) {
        for (let i = 0; i < character.length; i++) at.push(offset);
        offset += 3 * (isText ? Buffer.byteLength(character) : 1);
      }
      parts.push(decoded);
      copied = offset;
      continue;
    }
    const decoded =
      unit !== undefined
        ? String.fromCharCode(Number.parseInt(unit, 16))
        : (point ?? byte) !== undefined
          ? codePoint(Number.parseInt((point ?? byte) as string, 16))
          : escaped !== undefined
            ? (CONTROLS[escaped] ?? escaped)
            : name !== undefined
              ? (ENTITIES[name.toLowerCase()] ?? accented(name))
              : codePoint(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal));
    if (decoded === undefined) continue;
    copy(match.index);
    for (let i = 0; i < decoded.length; i++) at.push(match.index);
    parts.push(decoded);
    copied = match.index + whole.length;
  }
  if (parts.length === 0) return undefined;
  copy(text.length);
  at.push(text.length);
  return { text: parts.join(''), at: Uint32Array.from(at) };
}

function codePoint(code: number): string | undefined {
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** Those that may stand in or beside an address or an id. */
const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: '&', apos: "'", ast: '*', bsol: '\\', colon: ':', comma: ',', commat: '@', dash: '-', dot: '.', emsp: ' ' },
  ...{ ensp: ' ', equals: '=', grave: '`', gt: '>', hyphen: '-', lbrack: '[', lowbar: '_', lpar: '(', lsqb: '[' },
  ...{ lsquo: "'", lt: '<', mdash: '-', nbsp: ' ', ndash: '-', newline: '\n', num: '#', percnt: '%', period: '.' },
  ...{ plus: '+', quest: '?', quot: '"', rbrack: ']', rpar: ')', rsqb: ']', rsquo: "'", semi: ';', shy: '\u00ad' },
  ...{ sol: '/', tab: '\t', thinsp: ' ', zerowidthspace: '\u200b', zwj: '\u200d', zwnj: '\u200c' },
};

const MARKS: Readonly<Record<string, string>> = {
  acute: '\u0301',
  caron: '\u030c',
  cedil: '\u0327',
  circ: '\u0302',
  grave: '\u0300',
  ring: '\u030a',
  tilde: '\u0303',
  uml: '\u0308',
};
const LETTERS: Readonly<Record<string, string>> = { szlig: 'ß', aelig: 'æ', AElig: 'Æ', oslash: 'ø', Oslash: 'Ø' };

/** `&uuml;` and its like, as they stand in names. */
function accented(name: string): string | undefined {
  const mark = MARKS[name.slice(1)];
  return mark === undefined ? LETTERS[name] : `${name[0]}${mark}`.normalize('NFC');
}

const CONTROLS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
