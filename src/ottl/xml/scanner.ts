import { OttlError } from '../error.ts';
import { bytesOf, textOfBytes } from '../strptime/layout.ts';
import { entityOrCharacter, firstIllegal, isXmlName } from './text.ts';

const NAME = /[A-Za-z0-9_:.\-\x80-\xff]+/y;
const SPACE = /[ \r\n\t]*/y;

/** What XML is made of: names, texts with entities, stretches up to a mark. Reads bytes: offsets are counted in them. */
export class XmlScanner {
  #bytes: string;
  #at = 0;

  constructor(text: string) {
    this.#bytes = bytesOf(text);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The character that comes next, which is not taken; undefined at the end. */
  get next(): string | undefined {
    return this.#bytes[this.#at];
  }

  /** Up to where it ends: before `<`, behind a quote, behind `]]>`. */
  text(end: '<' | '"' | "'" | ']]>'): string {
    const isCdata = end === ']]>';
    const stop = this.#bytes.indexOf(end, this.#at);
    const until = stop < 0 ? this.#bytes.length : stop;
    const raw = this.#bytes.slice(this.#at, until);
    const problem = isCdata ? -1 : raw.search(end === '<' ? /&|\]\]>/ : /[&<]/);
    if (problem < 0) {
      this.#at = until;
      if (stop < 0 && isCdata) throw this.error('unexpected EOF in CDATA section');
      if (stop >= 0 && end !== '<') this.#at += end.length;
      return this.#checked(normalized(raw));
    }
    return this.#textWithEntities(end as '<' | '"' | "'");
  }

  #textWithEntities(end: '<' | '"' | "'"): string {
    const parts: string[] = [];
    const token = end === '<' ? /[^&<\]]+|[&<\]]/y : /[^&<"']+|[&<"']/y;
    // What comes from an entity ends no section.
    let brackets = 0;
    while (this.#at < this.#bytes.length) {
      token.lastIndex = this.#at;
      const part = (token.exec(this.#bytes) as RegExpExecArray)[0];
      if (part === end) {
        if (end !== '<') this.#at++;
        break;
      }
      if (part === '<') throw this.#errorAt(this.#at + 1, 'unescaped < inside quoted string');
      if (part === '&') {
        parts.push(this.#entity());
        brackets = 0;
        continue;
      }
      if (end === '<' && brackets >= 2 && part.startsWith('>')) {
        throw this.#errorAt(this.#at + 1, 'unescaped ]]> not in CDATA section');
      }
      brackets = part === ']' ? brackets + 1 : 0;
      parts.push(normalized(part));
      this.#at += part.length;
    }
    return this.#checked(parts.join(''));
  }

  #entity(): string {
    const match = /&(?:#x[0-9A-Fa-f]*|#[0-9]*|[A-Za-z0-9_:.\-\x80-\xff]*)/y;
    match.lastIndex = this.#at;
    const written = (match.exec(this.#bytes) as RegExpExecArray)[0];
    this.#at += written.length;
    const next = this.mustGet();
    const found = next === ';' ? entityOrCharacter(textOfBytes(written.slice(1))) : undefined;
    if (found !== undefined) return bytesOf(found);
    if (next !== ';') this.#at--;
    throw this.error(`invalid character entity ${textOfBytes(written)}${next === ';' ? ';' : ' (no semicolon)'}`);
  }

  #checked(bytes: string): string {
    const text = textOfBytes(bytes);
    const illegal = firstIllegal(text);
    if (illegal === undefined) return text;
    throw this.error(`illegal character code U+${illegal.toString(16).toUpperCase().padStart(4, '0')}`);
  }

  /** @throws {OttlError} `otherwise` where none stands */
  name(otherwise: string): string {
    NAME.lastIndex = this.#at;
    const bytes = NAME.exec(this.#bytes)?.[0] ?? '';
    this.#at += bytes.length;
    // A name ends where another character shows it.
    if (this.#at >= this.#bytes.length) throw this.error('unexpected EOF');
    if (bytes === '') throw this.error(otherwise);
    const name = textOfBytes(bytes);
    if (!isXmlName(name)) throw this.error(`invalid XML name: ${name}`);
    return name;
  }

  /** Up to its end: brackets within count, those in quotes and comments do not. */
  directive(): string {
    let text = '';
    let quote = '';
    let depth = 0;
    for (let isFirst = true; ; isFirst = false) {
      const char = this.mustGet();
      if (!isFirst && quote === '' && depth === 0 && char === '>') return textOfBytes(text);
      if (!isFirst && quote === '' && char === '<' && this.#bytes.startsWith('!--', this.#at)) {
        this.#at += 3;
        this.until('-->');
        text += ' ';
        continue;
      }
      text += char;
      if (isFirst) continue;
      if (char === quote) quote = '';
      else if (quote === '' && (char === '"' || char === "'")) quote = char;
      else if (quote === '' && char === '>') depth--;
      else if (quote === '' && char === '<') depth++;
    }
  }

  /** What stands before it. Takes both. */
  until(end: string): string {
    const stop = this.#bytes.indexOf(end, this.#at);
    if (stop < 0) {
      this.#at = this.#bytes.length;
      throw this.error('unexpected EOF');
    }
    const text = this.#bytes.slice(this.#at, stop);
    this.#at = stop + end.length;
    return textOfBytes(text);
  }

  skipSpace(): void {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#bytes);
    this.#at = SPACE.lastIndex;
  }

  /** Takes the character that comes next. @throws {OttlError} at the end */
  mustGet(): string {
    const char = this.#bytes[this.#at];
    if (char === undefined) throw this.error('unexpected EOF');
    this.#at++;
    return char;
  }

  #errorAt(at: number, message: string): OttlError {
    this.#at = at;
    return this.error(message);
  }

  /** With the line. */
  error(message: string): OttlError {
    let line = 1;
    for (let i = this.#bytes.indexOf('\n'); i >= 0 && i < this.#at; i = this.#bytes.indexOf('\n', i + 1)) line++;
    return new OttlError(`XML syntax error on line ${line}: ${message}`);
  }

  /** The one character that was taken last comes again. */
  back(): void {
    this.#at--;
  }

  /** What is left is taken to be in another encoding. */
  decodeRest(decode: (bytes: Uint8Array) => string): void {
    const rest = Buffer.from(this.#bytes.slice(this.#at), 'latin1');
    this.#bytes = this.#bytes.slice(0, this.#at) + bytesOf(decode(rest));
  }
}

/** Line ends are `\n` alone. */
function normalized(bytes: string): string {
  return bytes.includes('\r') ? bytes.replace(/\r\n?/g, '\n') : bytes;
}
