/** Values as text and as identities, as the Collector's data model has them. */
import { quote } from './otlp/json-writer.ts';
import { Double, isDouble, isMap, toNumber, type Value } from './value.ts';

/** A value as one text: a text as it is, numbers as in JavaScript, bytes in base64, maps and lists as JSON, nothing as ''. */
export function textOf(value: Value): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
    case 'bigint':
      return numberText(value);
    case 'undefined':
      return '';
    default:
      break;
  }
  if (value === null) return '';
  if (value instanceof Uint8Array) return base64(value);
  return value instanceof Double ? numberText(value) : jsonText(value);
}

function numberText(value: number | bigint | Double): string {
  if (typeof value === 'bigint' && !isDouble(value)) return String(value);
  const number = toNumber(value);
  return Object.is(number, -0) ? '-0' : String(number);
}

/**
 * Keys sorted by their bytes, no white space, nothing escaped that need not be but the line separators of JavaScript. ''
 * where a number in it has no form in JSON.
 */
function jsonText(value: Value): string {
  const writer = new JsonText();
  return writer.add(value) ? writer.text : '';
}

class JsonText {
  text = '';

  /** False: it can't be written. */
  add(value: Value): boolean {
    if (typeof value === 'string') this.text += quoted(value);
    else if (isMap(value)) return this.#map(value);
    else if (Array.isArray(value)) return this.#list(value);
    else if (value instanceof Uint8Array) this.text += value.length === 0 ? 'null' : `"${base64(value)}"`;
    else if (value === null || value === undefined) this.text += 'null';
    else {
      if (isDouble(value) && !Number.isFinite(toNumber(value))) return false;
      this.text += textOf(value);
    }
    return true;
  }

  #map(map: { readonly [key: string]: Value }): boolean {
    let separator = '{';
    for (const key of Object.keys(map).sort(compareBytes)) {
      this.text += `${separator}${quoted(key)}:`;
      separator = ',';
      if (!this.add(map[key])) return false;
    }
    this.text += separator === '{' ? '{}' : '}';
    return true;
  }

  #list(list: readonly Value[]): boolean {
    let separator = '[';
    for (const item of list) {
      this.text += separator;
      separator = ',';
      if (!this.add(item)) return false;
    }
    this.text += separator === '[' ? '[]' : ']';
    return true;
  }
}

function quoted(text: string): string {
  return quote(text).replace(/[\u2028\u2029]/g, (separator) => (separator === '\u2028' ? '\\u2028' : '\\u2029'));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** The order of texts by their UTF-8, which is that of their code points. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    // Surrogates stand for what lies behind everything that needs none.
    const isLeftPair = left >= 0xd800 && left <= 0xdfff;
    const isRightPair = right >= 0xd800 && right <= 0xdfff;
    return isLeftPair === isRightPair ? left - right : isLeftPair ? 1 : -1;
  }
  return a.length - b.length;
}

/**
 * A text that two values share when they are the same to OTLP: types differ (1, 1.0, "1"), so do 0 and -0; the order of a
 * map's keys does not count.
 */
export function identityOf(value: Value): string {
  switch (typeof value) {
    case 'string':
      return `s${value.length}:${value}`;
    case 'boolean':
      return value ? 't' : 'f';
    case 'undefined':
      return 'n';
    default:
      break;
  }
  if (value === null) return 'n';
  if (value instanceof Uint8Array) return `x${base64(value)};`;
  if (Array.isArray(value)) return `[${value.map(identityOf).join('')}]`;
  if (isMap(value)) {
    const keys = Object.keys(value).sort();
    return `{${keys.map((key) => identityOf(key) + identityOf(value[key])).join('')}}`;
  }
  return isDouble(value) ? `d${numberText(value)};` : `i${value};`;
}
