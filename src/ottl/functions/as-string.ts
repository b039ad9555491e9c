import { isDouble, toNumber, type Value } from '../../record/value.ts';
import { OttlError } from '../error.ts';
import { jsonForm, textForm } from '../text.ts';
import { isList, isMap } from '../value.ts';

/**
 * The text of a value as the Collector's data model has it, which differs from `textForm`: bytes in base64, JSON without HTML
 * escapes, NaN and infinities by name, and empty texts for the empty value and for what JSON can't hold.
 */
export function asString(value: Value): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isDouble(value) && !Number.isFinite(toNumber(value))) return String(toNumber(value));
  return isMap(value) || isList(value) ? plainJson(value) : textForm(value);
}

/** A backslash and what it escapes, so that `\\u003c` is read as a backslash and "u003c". */
const ESCAPE = /\\(u003c|u003e|u0026|.)/g;
const PLAIN: Readonly<Record<string, string>> = { u003c: '<', u003e: '>', u0026: '&' };

function plainJson(value: Value): string {
  try {
    return jsonForm(value).replace(ESCAPE, (escape, escaped: string) => PLAIN[escaped] ?? escape);
  } catch (error) {
    if (error instanceof OttlError) return '';
    throw error;
  }
}
