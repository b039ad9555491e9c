/** The line of a source that a diagnostic shows, with everything masked that is or may be a secret. */
import { type Excerpt, printable } from './diagnostics.ts';
import type { Source, Span } from './source.ts';
import { userInfo } from './user-info.ts';

export interface Masks {
  /** Every source of the configuration, in order. */
  readonly sources: readonly Source[];
  /** Secret values that the schemas know. */
  readonly secrets: ReadonlyMap<Source, readonly Span[]>;
  /** Sources with mistakes in their YAML: there it also takes guessing from the text. */
  readonly garbled: ReadonlySet<Source>;
}

/** Keys whose values are taken for secrets where no schema says what they are. */
export function looksSecret(key: string): boolean {
  return /key|secret|token|passw|passphrase|auth|credential|cookie|header|private|pem\b/i.test(key);
}

/** A text where a block should be may be a key whose colon is missing, with its secret behind it. */
export function mayHoldSecret(text: string): boolean {
  return looksSecret(text) || credentials(text).length > 0;
}

const MASK = '********';
/** Columns of an excerpt at most. */
const WIDTH = 120;
/** Of a longer line nothing is shown: no person wrote it. */
const MAX_LINE = 2000;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** `length` characters from the start of `at` are marked. */
export function excerpt(at: Span, length: number, masks: Masks): Excerpt | undefined {
  const { source } = at;
  const { line, column } = source.position(at.start);
  const text = source.line(line);
  if (text.length > MAX_LINE) return undefined;
  const lineStart = source.lineStart(line);
  const hidden: Range[] = (masks.secrets.get(source) ?? [])
    .map(({ start, end }) => ({ start: Math.max(0, start - lineStart), end: Math.min(text.length, end - lineStart) }))
    .filter(({ start, end }) => start < end);
  hidden.push(...userInfo(text), ...commentSecrets(text));
  if (masks.garbled.has(source)) hidden.push(...guessed(source, line));
  return clip(render(text, hidden, column - 1, length));
}

/** Replaces hidden ranges and unprintable characters, and keeps track of where the mark moves. */
function render(text: string, hidden: readonly Range[], markStart: number, markLength: number): Excerpt {
  const masked = new Uint8Array(text.length);
  for (const { start, end } of hidden) masked.fill(1, start, end);
  let out = '';
  let start = -1;
  let end = 0;
  for (let i = 0; i < text.length; ) {
    const from = out.length;
    let next = i + 1;
    if (masked[i]) {
      while (next < text.length && masked[next]) next++;
      out += MASK;
    } else {
      const character = String.fromCodePoint(text.codePointAt(i) as number);
      next = i + character.length;
      out += character === '\t' ? ' ' : printable(character);
    }
    if (start < 0 && next > markStart) start = from;
    if (i < markStart + markLength) end = out.length;
    i = next;
  }
  if (start < 0) return { text: out, start: out.length, length: 1 };
  return { text: out, start, length: Math.max(1, end - start) };
}

/** A long line is cut to what is around its mark. */
function clip({ text, start, length }: Excerpt): Excerpt {
  if (text.length <= WIDTH) return { text, start, length };
  const from = Math.max(0, Math.min(start - WIDTH / 4, text.length - WIDTH));
  const before = from > 0 ? '…' : '';
  const after = from + WIDTH < text.length ? '…' : '';
  const shift = before.length - from;
  return {
    text: `${before}${text.slice(from, from + WIDTH)}${after}`,
    start: start + shift,
    length: Math.max(1, Math.min(length, from + WIDTH - start)),
  };
}

/** A comment may keep an old key. */
function commentSecrets(text: string): Range[] {
  const comment = /(?:^|\s)#/.exec(text);
  if (!comment) return [];
  const body = text.slice(comment.index);
  return mayHoldSecret(body) ? [{ start: comment.index + comment[0].length, end: text.length }] : [];
}

/** Long mixtures of letters and digits, such as keys and tokens are. */
function credentials(text: string): Range[] {
  return [...text.matchAll(/[\w+/=-]{16,}/g)]
    .filter(([word]) => (word.match(/\d/g)?.length ?? 0) >= 2 && /[a-zA-Z]/.test(word))
    .map((match) => ({ start: match.index, end: match.index + match[0].length }));
}

/**
 * What may be a secret on a line of a text that is no YAML: the value where its own key or one above it looks secret, and
 * anything that looks like a credential.
 */
function guessed(source: Source, line: number): Range[] {
  const text = source.line(line);
  const suspicious = looksSecret(text) || keysAbove(source, line).some(looksSecret);
  if (!suspicious) return credentials(text);
  const key = /^[\s\-{[,]*["']?[\w.:/-]*?["']?\s*[:=]/.exec(text)?.[0];
  return [{ start: key && looksSecret(key) ? key.length : 0, end: text.length }];
}

/** The lines that the given one stands under, as its indentation tells, and the last line before it that has a key. */
function keysAbove(source: Source, line: number): string[] {
  const indentation = (text: string) => text.length - text.trimStart().length;
  const keys: string[] = [];
  let below = indentation(source.line(line)) + 1;
  for (let number = line - 1; number > 0 && below > 0 && line - number < 1000; number--) {
    const text = source.line(number);
    if (text.trim() === '' || !/[:=]/.test(text)) continue;
    if (keys.length === 0 || indentation(text) < below) keys.push(text.replace(/[:=].*/, ''));
    below = Math.min(below, indentation(text));
  }
  return keys;
}
