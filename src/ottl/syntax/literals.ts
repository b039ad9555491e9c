/** What the tokens of literals stand for. Each throws a CompileError with the token's place when it stands for nothing; none takes the token. */
import { int, isInt64 } from '../../record/value.ts';
import type { Int } from '../value.ts';
import type { Token } from './lexer.ts';
import type { TokenReader } from './token-reader.ts';
import { unquote } from './unquote.ts';

export function stringOf(token: Token, tokens: TokenReader): string {
  const text = unquote(token.text);
  if (typeof text === 'string') return text;
  const start = token.start + text.wrongAt;
  tokens.failAt(
    { start, end: Math.min(start + 2, token.end) },
    'invalid quoted string: unknown escape',
    'write a backslash as \\\\: "\\\\d+" is the pattern \\d+',
  );
}

export function bytesOf(token: Token, tokens: TokenReader): Uint8Array {
  if (token.text.length % 2 !== 0) tokens.fail(token, 'bytes have two digits each: 0x01');
  return Uint8Array.from(Buffer.from(token.text.slice(2), 'hex'));
}

export function floatOf(token: Token, tokens: TokenReader): number {
  const value = Number(token.text);
  if (!Number.isFinite(value)) tokens.fail(token, 'the number is out of range');
  return value;
}

/** A leading zero means octal. */
export function intOf(token: Token, tokens: TokenReader): Int {
  const { text } = token;
  const isOctal = text.length > 1 && text.startsWith('0');
  if (isOctal && /[89]/.test(text)) tokens.fail(token, 'a leading zero means octal digits: write it without');
  const value = BigInt(isOctal ? `0o${text.slice(1)}` : text);
  if (!isInt64(value)) tokens.fail(token, 'the number does not fit in 64 bits');
  return int(value);
}
