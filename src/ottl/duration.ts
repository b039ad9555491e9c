/** Durations written as Go does: "1h30m", "-1.5s", "100ms". */
import { OttlError } from './error.ts';
import { bytesOf, quoted } from './strptime/layout.ts';
import { OttlDuration } from './value.ts';

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

const LIMIT = 2n ** 63n;
/** Longer texts have more digits than count, and BigInt would be slow on them. */
const MAX_LENGTH = 1000;

/** @throws {OttlError} */
export function parseDuration(text: string): OttlDuration {
  const wrong = (what: string): never => {
    throw new OttlError(`time: ${what} ${quoted(bytesOf(text))}`);
  };
  if (text.length > MAX_LENGTH) return wrong('invalid duration');
  const isNegative = text.startsWith('-');
  const amounts = /^[+-]/.test(text) ? text.slice(1) : text;
  if (amounts === '0') return new OttlDuration(0n);
  if (amounts === '') return wrong('invalid duration');
  let total = 0n;
  for (let at = 0; at < amounts.length; ) {
    const match = /^(\d*)(?:\.(\d*))?([^.\d]*)/.exec(amounts.slice(at)) as RegExpExecArray;
    const [{ length }, whole = '', fraction = '', unitName = ''] = match;
    if (whole === '' && fraction === '') return wrong('invalid duration');
    if (BigInt(whole) > LIMIT) return wrong('invalid duration');
    if (unitName === '') return wrong('missing unit in duration');
    const unit = UNITS.get(unitName);
    if (unit === undefined) return wrong(`unknown unit ${quoted(bytesOf(unitName))} in duration`);
    const amount = BigInt(whole) * unit + fractionOf(fraction, unit);
    total += amount;
    if (amount > LIMIT || total > LIMIT) return wrong('invalid duration');
    at += length;
  }
  if (!isNegative && total === LIMIT) return wrong('invalid duration');
  return new OttlDuration(isNegative ? -total : total);
}

/** In doubles, as Go reckons it; digits that an int64 can't take are dropped. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    if (value > (LIMIT - 1n) / 10n) break;
    const next = value * 10n + BigInt(digit);
    if (next > LIMIT) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}
