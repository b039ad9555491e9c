/** XML as a row of tokens, with the errors of Go's encoding/xml. */
import { OttlError } from '../error.ts';
import { quoted } from '../sprintf/quote.ts';
import { bytesOf, textOfBytes } from '../strptime/layout.ts';
import { Namespaces } from './namespaces.ts';
import { entityOrCharacter, firstIllegal, isXmlName } from './text.ts';

export interface Name {
  /** The namespace; in front of the colon where there is none of that prefix. */
  readonly space: string;
  readonly local: string;
}

export interface Attribute {
  readonly name: Name;
  readonly value: string;
}

export type Token =
  | { readonly kind: 'start'; readonly name: Name; readonly prefix: string; readonly attributes: readonly Attribute[] }
  | { readonly kind: 'end' }
  | { readonly kind: 'text' | 'cdata' | 'comment' | 'directive'; readonly text: string }
  | { readonly kind: 'instruction'; readonly target: string; readonly text: string };

/** As deep as other code of ours can go; the Collector goes to 10000. */
export const MAX_DEPTH = 1000;

const NAME = /[A-Za-z0-9_:.\-\x80-\xff]+/y;
const SPACE = /[ \r\n\t]*/y;

/** Reads bytes: offsets are counted in them. */
export class XmlReader {
  #bytes: string;
  #at = 0;
  readonly #open: Name[] = [];
  readonly #namespaces = new Namespaces();
  readonly #canDecode: boolean;
  #isClosing = false;

  /** @param canDecode whether it takes other encodings than UTF-8 */
  constructor(text: string, canDecode: boolean) {
    this.#bytes = bytesOf(text);
    this.#canDecode = canDecode;
  }

  /** Whether all has been read. */
  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length && !this.#isClosing;
  }

  get depth(): number {
    return this.#open.length;
  }

  /** undefined at the end. @throws {OttlError} */
  next(): Token | undefined {
    if (this.#isClosing) {
      this.#isClosing = false;
      return this.#close(this.#open.at(-1) as Name);
    }
    if (this.isAtEnd) {
      if (this.#open.length > 0) throw this.#error('unexpected EOF');
      return undefined;
    }
    if (this.#bytes[this.#at] !== '<') return { kind: 'text', text: this.#text('<') };
    this.#at++;
    switch (this.#mustGet()) {
      case '/':
        return this.#endElement();
      case '?':
        return this.#instruction();
      case '!':
        return this.#declaration();
      default:
        this.#at--;
        return this.#startElement();
    }
  }

  #startElement(): Token {
    const name = this.#qualified('expected element name after <');
    const attributes: Attribute[] = [];
    for (;;) {
      this.#skipSpace();
      const next = this.#mustGet();
      if (next === '>') break;
      if (next === '/') {
        if (this.#mustGet() !== '>') throw this.#error('expected /> in element');
        this.#isClosing = true;
        break;
      }
      this.#at--;
      const attribute = this.#qualified('expected attribute name in element');
      this.#skipSpace();
      if (this.#mustGet() !== '=') throw this.#error('attribute name without = in element');
      this.#skipSpace();
      const quote = this.#mustGet();
      if (quote !== '"' && quote !== "'") throw this.#error('unquoted or missing attribute value in element');
      attributes.push({ name: attribute, value: this.#text(quote) });
    }
    if (this.#open.length >= MAX_DEPTH) {
      throw new OttlError(`exceeded maximum XML nesting depth of ${MAX_DEPTH}`);
    }
    this.#open.push(name);
    this.#namespaces.open(attributes);
    return {
      kind: 'start',
      name: this.#namespaces.ofElement(name),
      prefix: name.space,
      attributes: attributes.map((each) => ({ ...each, name: this.#namespaces.ofAttribute(each.name) })),
    };
  }

  #endElement(): Token {
    const name = this.#qualified('expected element name after </');
    this.#skipSpace();
    if (this.#mustGet() !== '>') throw this.#error(`invalid characters between </${name.local} and >`);
    return this.#close(name);
  }

  #close({ space, local }: Name): Token {
    const open = this.#open.pop();
    if (!open) throw this.#error(`unexpected end element </${local}>`);
    if (open.local !== local) throw this.#error(`element <${open.local}> closed by </${local}>`);
    if (open.space !== space) {
      throw this.#error(
        `element <${open.local}> in space ${open.space} closed by </${local}> in space ${space || '""'}`,
      );
    }
    this.#namespaces.close();
    return { kind: 'end' };
  }

  #instruction(): Token {
    const target = this.#name('expected target name after <?');
    this.#skipSpace();
    const text = this.#until('?>');
    if (target === 'xml') {
      const version = parameter('version', text);
      if (version !== '' && version !== '1.0') {
        throw new OttlError(`xml: unsupported version ${quoted(version, '"', false)}; only version 1.0 is supported`);
      }
      const encoding = parameter('encoding', text);
      if (encoding !== '' && encoding.toLowerCase() !== 'utf-8') this.#decodeRest(encoding);
    }
    return { kind: 'instruction', target, text };
  }

  #decodeRest(encoding: string): void {
    const label = quoted(encoding, '"', false);
    if (!this.#canDecode) throw new OttlError(`xml: encoding ${label} declared but Decoder.CharsetReader is nil`);
    let decode: (bytes: Uint8Array) => string;
    try {
      const decoder = new TextDecoder(encoding);
      decode = (bytes) => decoder.decode(bytes);
    } catch {
      throw new OttlError(`xml: opening charset ${label}: unsupported charset: ${label}`);
    }
    const rest = Buffer.from(this.#bytes.slice(this.#at), 'latin1');
    this.#bytes = this.#bytes.slice(0, this.#at) + bytesOf(decode(rest));
  }

  #declaration(): Token {
    const next = this.#mustGet();
    if (next === '-') {
      if (this.#mustGet() !== '-') throw this.#error('invalid sequence <!- not part of <!--');
      const text = this.#until('--', 1);
      if (this.#mustGet() !== '>') throw this.#error('invalid sequence "--" not allowed in comments');
      return { kind: 'comment', text };
    }
    if (next === '[') {
      for (const expected of 'CDATA[') {
        if (this.#mustGet() !== expected) throw this.#error('invalid <![ sequence');
      }
      return { kind: 'cdata', text: this.#text(']]>') };
    }
    this.#at--;
    return { kind: 'directive', text: this.#directive() };
  }

  /** Up to its end: brackets within count, those in quotes and comments do not. */
  #directive(): string {
    let text = '';
    let quote = '';
    let depth = 0;
    for (let isFirst = true; ; isFirst = false) {
      const char = this.#mustGet();
      if (!isFirst && quote === '' && depth === 0 && char === '>') return textOfBytes(text);
      if (!isFirst && quote === '' && char === '<' && this.#bytes.startsWith('!--', this.#at)) {
        this.#at += 3;
        this.#until('-->');
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

  /** Up to where it ends: before `<`, behind a quote, behind `]]>`. */
  #text(end: '<' | '"' | "'" | ']]>'): string {
    const isCdata = end === ']]>';
    const stop = this.#bytes.indexOf(end, this.#at);
    const until = stop < 0 ? this.#bytes.length : stop;
    const raw = this.#bytes.slice(this.#at, until);
    const problem = isCdata ? -1 : raw.search(end === '<' ? /&|\]\]>/ : /[&<]/);
    if (problem < 0) {
      this.#at = until;
      if (stop < 0 && isCdata) throw this.#error('unexpected EOF in CDATA section');
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
    const next = this.#mustGet();
    const found = next === ';' ? entityOrCharacter(textOfBytes(written.slice(1))) : undefined;
    if (found !== undefined) return bytesOf(found);
    if (next !== ';') this.#at--;
    throw this.#error(`invalid character entity ${textOfBytes(written)}${next === ';' ? ';' : ' (no semicolon)'}`);
  }

  #checked(bytes: string): string {
    const text = textOfBytes(bytes);
    const illegal = firstIllegal(text);
    if (illegal === undefined) return text;
    throw this.#error(`illegal character code U+${illegal.toString(16).toUpperCase().padStart(4, '0')}`);
  }

  #qualified(otherwise: string): Name {
    const name = this.#name(otherwise);
    const colon = name.indexOf(':');
    if (colon !== name.lastIndexOf(':')) throw this.#error(otherwise);
    if (colon <= 0 || colon === name.length - 1) return { space: '', local: name };
    return { space: name.slice(0, colon), local: name.slice(colon + 1) };
  }

  #name(otherwise: string): string {
    NAME.lastIndex = this.#at;
    const bytes = NAME.exec(this.#bytes)?.[0] ?? '';
    this.#at += bytes.length;
    // A name ends where another character shows it.
    if (this.#at >= this.#bytes.length) throw this.#error('unexpected EOF');
    if (bytes === '') throw this.#error(otherwise);
    const name = textOfBytes(bytes);
    if (!isXmlName(name)) throw this.#error(`invalid XML name: ${name}`);
    return name;
  }

  /** @param least how many characters stand before the end at least */
  #until(end: string, least = 0): string {
    const stop = this.#bytes.indexOf(end, this.#at + (end === '--' ? 0 : least));
    if (stop < 0) {
      this.#at = this.#bytes.length;
      throw this.#error('unexpected EOF');
    }
    const text = this.#bytes.slice(this.#at, stop);
    this.#at = stop + end.length;
    return textOfBytes(text);
  }

  #skipSpace(): void {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#bytes);
    this.#at = SPACE.lastIndex;
  }

  #mustGet(): string {
    const char = this.#bytes[this.#at];
    if (char === undefined) throw this.#error('unexpected EOF');
    this.#at++;
    return char;
  }

  #errorAt(at: number, message: string): OttlError {
    this.#at = at;
    return this.#error(message);
  }

  #error(message: string): OttlError {
    let line = 1;
    for (let i = this.#bytes.indexOf('\n'); i >= 0 && i < this.#at; i = this.#bytes.indexOf('\n', i + 1)) line++;
    return new OttlError(`XML syntax error on line ${line}: ${message}`);
  }
}

/** Line ends are `\n` alone. */
function normalized(bytes: string): string {
  return bytes.includes('\r') ? bytes.replace(/\r\n?/g, '\n') : bytes;
}

/** Of the XML declaration. */
function parameter(name: string, text: string): string {
  for (let at = text.indexOf(`${name}=`); at >= 0; at = text.indexOf(`${name}=`, at)) {
    at += name.length + 1;
    const quote = text[at++];
    if (quote !== '"' && quote !== "'") continue;
    const end = text.indexOf(quote, at);
    return end < 0 ? '' : text.slice(at, end);
  }
  return '';
}
