import type { Value } from '../../record/value.ts';
import { type AttributeType, MAX_LIST, MAX_TEXT } from './model.ts';

/** Gives what the attribute holds, or undefined when the value is not fit for it. */
export type Converter = (value: Value) => Value;

export const converters: Readonly<Record<AttributeType, Converter>> = {
  id,
  'id[]': (value) => list(value, id),
  enum: word,
  'enum[]': (value) => list(value, word),
  int,
  double: (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined),
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
};

/** The same, except that some values count as absent. */
export function without(except: readonly string[], convert: Converter): Converter {
  return (value) => (typeof value === 'string' && except.includes(value) ? undefined : convert(value));
}

function id(value: Value): string | undefined {
  if (typeof value === 'string') return value === '0' ? undefined : word(value);
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return value === 0 ? undefined : String(value);
  return undefined;
}

function word(value: Value): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > MAX_TEXT) return undefined;
  return looksPersonal(value) ? undefined : value;
}

/** An e-mail address (also percent-encoded, as in a path) or an international telephone number. */
function looksPersonal(text: string): boolean {
  return text.includes('@') || text.includes('%40') || (text.startsWith('+') && /^\+\d[\d\s().-]{5,}$/.test(text));
}

/** Some versions write numbers as strings. */
function int(value: Value): Value {
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'bigint' || Number.isSafeInteger(number) ? number : undefined;
}

/** A lone value is a list of one. */
function list(value: Value, convert: (value: Value) => string | undefined): Value {
  const elements: readonly Value[] = Array.isArray(value) ? value : [value];
  let found: string[] | undefined;
  for (let i = 0; i < elements.length && i < MAX_LIST; i++) {
    const element = convert(elements[i]);
    if (element === undefined) continue;
    found ??= [];
    found.push(element);
  }
  return found;
}
