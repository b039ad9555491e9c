/** Texts in which something is written in another way: percent-encoding, HTML entities, JSON's escapes. */

export interface DecodedText {
  readonly text: string;
  /** For each code unit of `text`, and its end, the offset in the original text where it comes from. */
  readonly at: Uint32Array;
}

/** Encodings of encodings that are undone: `&amp;#64;`, `%2540`. */
const MAX_ROUNDS = 3;

/** The text with encodings undone once, twice, ...: each that differs from the one before. Empty where nothing is encoded. */
export function decodedForms(text: string): DecodedText[] {
  const forms: DecodedText[] = [];
  let last: DecodedText | undefined;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = decodeOnce(last?.text ?? text);
    if (!next) break;
    const at: Uint32Array = last ? next.at.map((offset) => (last as DecodedText).at[offset] as number) : next.at;
    last = { text: next.text, at };
    forms.push(last);
  }
  return forms;
}

const ENCODED =
  /(?:%[0-9a-fA-F]{2})+|&(?:#(\d{1,7});?|#[xX]([0-9a-fA-F]{1,6});?|([a-zA-Z]{2,6});)|\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))/g;

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
    const [whole, decimal, hex, name, unit, escaped] = match;
    if (whole.startsWith('%')) {
      const decoded = Buffer.from(whole.replaceAll('%', ''), 'hex').toString('utf8');
      if (decoded.includes('\ufffd')) continue;
      copy(match.index);
      let offset = match.index;
      for (const character of decoded) {
        for (let i = 0; i < character.length; i++) at.push(offset);
        offset += 3 * Buffer.byteLength(character);
      }
      parts.push(decoded);
      copied = offset;
      continue;
    }
    const decoded =
      unit !== undefined
        ? String.fromCharCode(Number.parseInt(unit, 16))
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
  amp: '&',
  apos: "'",
  colon: ':',
  commat: '@',
  equals: '=',
  gt: '>',
  lowbar: '_',
  lt: '<',
  nbsp: ' ',
  period: '.',
  plus: '+',
  quot: '"',
  sol: '/',
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
