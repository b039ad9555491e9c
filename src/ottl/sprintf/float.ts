/** Doubles as Go's strconv writes them: exact, and rounded half to even. */

/** `0.digits` times 10 to the power of `point`; digits begin and end with none that is 0, and are empty for 0. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/**
 * The size of a finite number, without its sign.
 *
 * @param precision digits behind the point (`e`, `f`, `x`) or in all (`g`); undefined for as few as tell the number from others
 */
export function floatDigits(value: number, verb: string, precision: number | undefined): string {
  const size = Math.abs(value);
  switch (verb) {
    case 'b':
      return binary(size);
    case 'x':
      return hexadecimal(size, precision);
    case 'f':
      return plain(precision === undefined ? shortest(size) : exact(size, (point) => point + precision), precision);
    case 'e':
      return scientific(precision === undefined ? shortest(size) : exact(size, () => precision + 1), precision);
    default:
      return general(size, precision);
  }
}

function general(size: number, precision: number | undefined): string {
  const digitCount = precision === 0 ? 1 : precision;
  const decimal = digitCount === undefined ? shortest(size) : exact(size, () => digitCount);
  const { digits, point } = decimal;
  let limit = digitCount ?? 6;
  if (digitCount !== undefined && limit > digits.length && digits.length >= point) limit = digits.length;
  const exponent = digits === '' ? -1 : point - 1;
  if (exponent < -4 || exponent >= limit) {
    return scientific(decimal, Math.min(digitCount ?? digits.length, Math.max(digits.length, 1)) - 1);
  }
  return plain(decimal, Math.max(digits.length - point, 0));
}

function scientific({ digits, point }: Decimal, precision: number | undefined): string {
  const exponent = digits === '' ? 0 : point - 1;
  const rest = digits.slice(1).padEnd(precision ?? 0, '0');
  const sign = exponent < 0 ? '-' : '+';
  return `${digits[0] ?? '0'}${rest && `.${rest}`}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function plain({ digits, point }: Decimal, precision: number | undefined): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const fraction = point > 0 ? digits.slice(point) : digits && '0'.repeat(-point) + digits;
  const padded = fraction.padEnd(precision ?? 0, '0');
  return padded ? `${whole}.${padded}` : whole;
}

function shortest(size: number): Decimal {
  if (size === 0) return { digits: '', point: 0 };
  const [digits = '', exponent] = size.toExponential().split('e');
  return { digits: digits.replace('.', ''), point: Number(exponent) + 1 };
}

/** @param countOf how many digits to keep, told where the point is */
function exact(size: number, countOf: (point: number) => number): Decimal {
  const { mantissa, exponent } = parts(size);
  const all = String(exponent < 0 ? mantissa * 5n ** BigInt(-exponent) : mantissa << BigInt(exponent));
  const point = all.length + Math.min(exponent, 0);
  return size === 0 ? { digits: '', point: 0 } : rounded({ digits: all, point }, countOf(point));
}

function rounded({ digits, point }: Decimal, count: number): Decimal {
  if (count >= digits.length) return trimmed(digits, point);
  if (count < 0) return { digits: '', point: 0 };
  const kept = digits.slice(0, count);
  const rest = digits.slice(count);
  const half = `5${'0'.repeat(rest.length - 1)}`;
  const isUp = rest > half || (rest === half && Number(kept.at(-1) ?? 0) % 2 === 1);
  if (!isUp) return trimmed(kept, point);
  const raised = String(BigInt(kept || '0') + 1n);
  return trimmed(raised, raised.length > count ? point + 1 : point);
}

function trimmed(digits: string, point: number): Decimal {
  const kept = digits.replace(/0+$/, '');
  return { digits: kept, point: kept === '' ? 0 : point };
}

/** The number is the mantissa times 2 to the power of the exponent. */
function parts(size: number): { mantissa: bigint; exponent: number } {
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(size);
  const word = bits.readBigUInt64BE();
  const exponent = Number(word >> 52n);
  const fraction = word & ((1n << 52n) - 1n);
  return exponent === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: exponent - 1075 };
}

function binary(size: number): string {
  const { mantissa, exponent } = parts(size);
  return `${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`;
}

function hexadecimal(size: number, precision: number | undefined): string {
  let { mantissa, exponent } = parts(size);
  if (mantissa === 0n) exponent = -52;
  while (mantissa !== 0n && mantissa < 1n << 52n) {
    mantissa <<= 1n;
    exponent--;
  }
  let power = exponent + 52;
  if (precision !== undefined && precision < 13) {
    const dropped = BigInt(52 - 4 * precision);
    const half = 1n << (dropped - 1n);
    const rest = mantissa & ((1n << dropped) - 1n);
    mantissa >>= dropped;
    if (rest > half || (rest === half && mantissa % 2n === 1n)) mantissa++;
    mantissa <<= dropped;
    if (mantissa >= 1n << 53n) {
      mantissa >>= 1n;
      power++;
    }
  }
  const fraction = (mantissa & ((1n << 52n) - 1n)).toString(16).padStart(13, '0');
  const shown =
    precision === undefined ? fraction.replace(/0+$/, '') : fraction.slice(0, precision).padEnd(precision, '0');
  const sign = power < 0 ? '-' : '+';
  return `0x${mantissa >> 52n}${shown && `.${shown}`}p${sign}${String(Math.abs(power)).padStart(2, '0')}`;
}
