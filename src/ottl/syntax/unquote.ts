/** String literals, with the escapes that Go has. */

const SIMPLE: Readonly<Record<string, number>> = {
  ...{ a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92, '"': 34 },
};

const ESCAPE = /^\\(?:([abfnrtv\\"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/;

/**
 * The text between the quotes. `\x..` and `\...` are bytes of UTF-8.
 *
 * @param quoted with its quotes
 * @returns the offset of what is wrong, where something is
 */
export function unquote(quoted: string): string | { readonly wrongAt: number } {
  const inner = quoted.slice(1, -1);
  if (!inner.includes('\\')) return inner;
  const parts: Buffer[] = [];
  for (let at = 0; at < inner.length; ) {
    if (inner[at] !== '\\') {
      const next = inner.indexOf('\\', at);
      const end = next < 0 ? inner.length : next;
      parts.push(Buffer.from(inner.slice(at, end), 'utf8'));
      at = end;
      continue;
    }
    const match = ESCAPE.exec(inner.slice(at, at + 10));
    const bytes = match && escaped(match);
    if (!match || !bytes) return { wrongAt: at + 1 };
    parts.push(bytes);
    at += match[0].length;
  }
  return Buffer.concat(parts).toString('utf8');
}

function escaped([, simple, hex, octal, short, long]: RegExpExecArray): Buffer | undefined {
  if (simple !== undefined) return Buffer.of(SIMPLE[simple] as number);
  if (hex !== undefined) return Buffer.of(Number.parseInt(hex, 16));
  if (octal !== undefined) {
    const byte = Number.parseInt(octal, 8);
    return byte > 255 ? undefined : Buffer.of(byte);
  }
  const point = Number.parseInt((short ?? long) as string, 16);
  const isCharacter = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
  return isCharacter ? Buffer.from(String.fromCodePoint(point), 'utf8') : undefined;
}
