/** XML as a row of tokens, with the errors of Go's encoding/xml. */
import { OttlError } from '../error.ts';
import { quoted } from '../sprintf/quote.ts';
import { Namespaces } from './namespaces.ts';
import { XmlScanner } from './scanner.ts';

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

/** One token after the other. */
export class XmlReader {
  readonly #scanner: XmlScanner;
  readonly #open: Name[] = [];
  readonly #namespaces = new Namespaces();
  readonly #canDecode: boolean;
  #isClosing = false;

  /** @param canDecode whether it takes other encodings than UTF-8 */
  constructor(text: string, canDecode: boolean) {
    this.#scanner = new XmlScanner(text);
    this.#canDecode = canDecode;
  }

  /** Whether all has been read. */
  get isAtEnd(): boolean {
    return this.#scanner.isAtEnd && !this.#isClosing;
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
      if (this.#open.length > 0) throw this.#scanner.error('unexpected EOF');
      return undefined;
    }
    if (this.#scanner.next !== '<') return { kind: 'text', text: this.#scanner.text('<') };
    this.#scanner.mustGet();
    switch (this.#scanner.mustGet()) {
      case '/':
        return this.#endElement();
      case '?':
        return this.#instruction();
      case '!':
        return this.#declaration();
      default:
        this.#scanner.back();
        return this.#startElement();
    }
  }

  #startElement(): Token {
    const name = this.#qualified('expected element name after <');
    const attributes: Attribute[] = [];
    for (;;) {
      this.#scanner.skipSpace();
      const next = this.#scanner.mustGet();
      if (next === '>') break;
      if (next === '/') {
        if (this.#scanner.mustGet() !== '>') throw this.#scanner.error('expected /> in element');
        this.#isClosing = true;
        break;
      }
      this.#scanner.back();
      const attribute = this.#qualified('expected attribute name in element');
      this.#scanner.skipSpace();
      if (this.#scanner.mustGet() !== '=') throw this.#scanner.error('attribute name without = in element');
      this.#scanner.skipSpace();
      const quote = this.#scanner.mustGet();
      if (quote !== '"' && quote !== "'") throw this.#scanner.error('unquoted or missing attribute value in element');
      attributes.push({ name: attribute, value: this.#scanner.text(quote) });
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
    this.#scanner.skipSpace();
    if (this.#scanner.mustGet() !== '>') throw this.#scanner.error(`invalid characters between </${name.local} and >`);
    return this.#close(name);
  }

  #close({ space, local }: Name): Token {
    const open = this.#open.pop();
    if (!open) throw this.#scanner.error(`unexpected end element </${local}>`);
    if (open.local !== local) throw this.#scanner.error(`element <${open.local}> closed by </${local}>`);
    if (open.space !== space) {
      throw this.#scanner.error(
        `element <${open.local}> in space ${open.space} closed by </${local}> in space ${space || '""'}`,
      );
    }
    this.#namespaces.close();
    return { kind: 'end' };
  }

  #instruction(): Token {
    const target = this.#scanner.name('expected target name after <?');
    this.#scanner.skipSpace();
    const text = this.#scanner.until('?>');
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
    this.#scanner.decodeRest(decode);
  }

  #declaration(): Token {
    const next = this.#scanner.mustGet();
    if (next === '-') {
      if (this.#scanner.mustGet() !== '-') throw this.#scanner.error('invalid sequence <!- not part of <!--');
      const text = this.#scanner.until('--');
      if (this.#scanner.mustGet() !== '>') throw this.#scanner.error('invalid sequence "--" not allowed in comments');
      return { kind: 'comment', text };
    }
    if (next === '[') {
      for (const expected of 'CDATA[') {
        if (this.#scanner.mustGet() !== expected) throw this.#scanner.error('invalid <![ sequence');
      }
      return { kind: 'cdata', text: this.#scanner.text(']]>') };
    }
    this.#scanner.back();
    return { kind: 'directive', text: this.#scanner.directive() };
  }

  #qualified(otherwise: string): Name {
    const name = this.#scanner.name(otherwise);
    const colon = name.indexOf(':');
    if (colon !== name.lastIndexOf(':')) throw this.#scanner.error(otherwise);
    if (colon <= 0 || colon === name.length - 1) return { space: '', local: name };
    return { space: name.slice(0, colon), local: name.slice(colon + 1) };
  }
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
