/** One value by one verb, as Go's fmt package writes it. */
import { isDouble, isInt, toNumber } from '../../record/value.ts';
import { compareBytes } from '../../record/value-text.ts';
import { OttlError } from '../error.ts';
import { isList, isMap, kindName, OttlDuration, OttlId, OttlTime, type OttlValue } from '../value.ts';
import { durationText, timeSyntax, timeText } from './clock.ts';
import { type Flags, NO_FLAGS, pad } from './flags.ts';
import { printFloat, printInteger } from './numbers.ts';
import { canBackquote, quoted } from './quote.ts';

/** The greatest width and precision that an argument may give. */
const MOST = 1_000_000;

/** Of an argument for `*`: undefined where it is none. */
export function widthFrom(at: number | undefined, args: readonly OttlValue[]): number | undefined {
  const value = at === undefined ? undefined : args[at];
  const number = value instanceof OttlDuration ? Number(value.nanoseconds) : isInt(value) ? Number(value) : undefined;
  return number === undefined || Math.abs(number) > MOST ? undefined : number;
}

/** How many characters one verb may come to: each item of a list is filled up to the width. */
const ROOM = 2 ** 24;

/** How deep lists and maps may stand in each other. */
const DEEPEST = 100;

export function print(value: OttlValue, verb: string, flags: Flags = NO_FLAGS): string {
  if (value === undefined) return verb === 'v' || verb === 'T' ? pad('<nil>', flags) : `%!${verb}(<nil>)`;
  if (verb === 'T') return text(kindName(value), 's', flags) ?? '';
  // With %v, a sharp asks for Go's syntax and a plus for names of fields: none of them goes to the value itself. %w, which is
  // for errors only, is read the same way.
  const isGeneral = verb === 'v' || verb === 'w';
  const isSyntax = flags.sharp && isGeneral;
  const own = isGeneral ? { ...flags, sharp: false, plus: false } : flags;
  return printed(value, verb, { flags: own, isSyntax, depth: 0, isError: false, room: { left: ROOM } });
}

interface Manner {
  readonly flags: Flags;
  readonly isSyntax: boolean;
  readonly depth: number;
  /** Inside of `%!d(...)`: nothing has a text of its own there. */
  readonly isError: boolean;
  readonly room: { left: number };
}

function printed(value: OttlValue, verb: string, manner: Manner): string {
  const { flags, isSyntax, depth } = manner;
  take(manner, value instanceof Uint8Array ? value.length : 1);
  if (value === undefined || value === null) return isSyntax ? 'interface {}(nil)' : '<nil>';
  if (verb === 'w' && typeof value === 'object' && !(value instanceof Uint8Array) && !isDouble(value)) {
    return badVerb(value, verb, manner);
  }
  const own = manner.isError || isSyntax || !'vsxXq'.includes(verb) ? undefined : ownText(value);
  if (own !== undefined) return text(own, verb, flags) ?? '';
  if (isList(value) || isMap(value)) return depth < DEEPEST ? printedParts(value, verb, manner) : '...';
  if (value instanceof Uint8Array) return printedBytes(value, verb, manner, depth === 0 ? '[]byte' : '[]uint8');
  if (value instanceof OttlId) return printedBytes(value.bytes, verb, manner, kindName(value));
  return scalar(value, verb, flags, isSyntax) ?? badVerb(value, verb, manner);
}

function take({ flags, room }: Manner, items: number): void {
  room.left -= items * ((flags.width ?? 0) + (flags.precision ?? 0) + 1);
  if (room.left < 0) throw new OttlError('the formatted text is too long');
}

function scalar(value: OttlValue, verb: string, flags: Flags, isSyntax: boolean): string | undefined {
  if (typeof value === 'string') return text(value, isSyntax && verb === 'v' ? 'q' : verb, flags);
  if (typeof value === 'boolean') return verb === 't' || verb === 'v' ? pad(String(value), flags) : undefined;
  if (isInt(value)) return printInteger(BigInt(value), verb, flags);
  if (value instanceof OttlDuration) return printInteger(value.nanoseconds, verb, flags);
  return isDouble(value) ? printFloat(toNumber(value), verb, flags) : undefined;
}

/** What Go's String methods give. */
function ownText(value: OttlValue): string | undefined {
  if (value instanceof OttlTime) return timeText(value);
  if (value instanceof OttlDuration) return durationText(value);
  if (!(value instanceof OttlId)) return undefined;
  return value.bytes.every((byte) => byte === 0) ? '' : Buffer.from(value.bytes).toString('hex');
}

/** `%!d(string=x)` */
function badVerb(value: OttlValue, verb: string, manner: Manner): string {
  if (value instanceof OttlTime) return manner.isSyntax ? timeSyntax(value) : `%!${verb}(time.Time=${timeText(value)})`;
  const shown = printed(value, 'v', { ...manner, depth: manner.depth + 1, isError: true });
  return `%!${verb}(${kindName(value)}=${shown})`;
}

function printedParts(value: OttlValue, verb: string, manner: Manner): string {
  const inner = { ...manner, depth: manner.depth + 1 };
  const between = manner.isSyntax ? ', ' : ' ';
  if (isList(value)) {
    const parts = value.map((item) => printed(item, verb, inner)).join(between);
    return manner.isSyntax ? `[]interface {}{${parts}}` : `[${parts}]`;
  }
  const map = isMap(value) ? value : {};
  const parts = Object.keys(map)
    .sort(compareBytes)
    .map((key) => `${printed(key, verb, inner)}:${printed(map[key], verb, inner)}`)
    .join(between);
  return manner.isSyntax ? `map[string]interface {}{${parts}}` : `map[${parts}]`;
}

function printedBytes(bytes: Uint8Array, verb: string, { flags, isSyntax }: Manner, type: string): string {
  if (isSyntax) {
    const items = [...bytes].map((byte) => printInteger(BigInt(byte), 'x', { ...flags, sharp: true }));
    return `${type}{${items.join(', ')}}`;
  }
  if (verb === 's') return pad(cut(Buffer.from(bytes).toString('utf8'), flags), flags);
  if (verb === 'x' || verb === 'X') return hex(bytes, verb, flags);
  if (verb === 'q') return text(Buffer.from(bytes).toString('utf8'), 'q', flags) ?? '';
  const items = [...bytes].map(
    (byte) => printInteger(BigInt(byte), verb, flags) ?? `%!${verb}(uint8=${printInteger(BigInt(byte), 'v', flags)})`,
  );
  return `[${items.join(' ')}]`;
}

function text(value: string, verb: string, flags: Flags): string | undefined {
  if (verb === 'v' || verb === 's') return pad(cut(value, flags), flags);
  if (verb === 'x' || verb === 'X') return hex(Buffer.from(value, 'utf8'), verb, flags);
  if (verb !== 'q') return undefined;
  const kept = cut(value, flags);
  const isBackquoted = flags.sharp && canBackquote(kept);
  return pad(isBackquoted ? `\`${kept}\`` : quoted(kept, '"', flags.plus), flags);
}

function cut(value: string, { precision }: Flags): string {
  return precision === undefined || value.length <= precision ? value : [...value].slice(0, precision).join('');
}

function hex(bytes: Uint8Array, verb: 'x' | 'X', flags: Flags): string {
  const kept = bytes.subarray(0, flags.precision ?? bytes.length);
  const prefix = flags.sharp ? `0${verb}` : '';
  const digits = [...kept].map((byte) => byte.toString(16).padStart(2, '0'));
  const cased = verb === 'X' ? digits.map((digit) => digit.toUpperCase()) : digits;
  if (cased.length === 0) return pad('', flags);
  return pad(flags.space ? cased.map((digit) => prefix + digit).join(' ') : prefix + cased.join(''), flags);
}
