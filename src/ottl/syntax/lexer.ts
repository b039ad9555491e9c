/** Text → tokens, by the Collector's rules: the first pattern that fits counts, and spaces only separate. */

export type TokenKind =
  | 'bytes'
  | 'float'
  | 'int'
  | 'string'
  | 'nil'
  | 'not'
  | 'or'
  | 'and'
  | 'comparison'
  | 'arrow'
  | 'sign'
  | 'factor'
  | 'boolean'
  | 'symbol'
  | 'upper'
  | 'lower'
  | 'blank'
  | 'invalid'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written. */
  readonly text: string;
  /** Offset in the text. */
  readonly start: number;
  readonly end: number;
}

/** In the order in which they are tried. A name such as `ParseJSON` is a run of `upper` and `lower` tokens. */
const RULES: readonly (readonly [kind: TokenKind | 'space', pattern: RegExp])[] = [
  ['bytes', /0x[a-fA-F0-9]+/y],
  ['float', /(?:\d+\.\d*|\d*\.\d+)(?:[eE][-+]?\d+)?/y],
  ['int', /\d+/y],
  ['string', /"(?:\\[^\n]|[^\\"])*"/y],
  ['nil', /nil\b/y],
  ['not', /not\b/y],
  ['or', /or\b/y],
  ['and', /and\b/y],
  ['comparison', /==|!=|>=|<=|>|</y],
  ['arrow', /=>/y],
  ['sign', /[+-]/y],
  ['factor', /[/*]/y],
  ['boolean', /(?:true|false)\b/y],
  ['symbol', /[=(){}:,.[\]]/y],
  ['upper', /[A-Z][A-Z0-9_]*/y],
  ['lower', /[a-z][a-z0-9_]*/y],
  ['space', /[\t\n\f\r ]+/y],
  ['blank', /_\b/y],
];

/** Ends with an `end` token, or with an `invalid` one where nothing fits. Never throws; linear. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const [kind, end] = tokenAt(text, at);
    if (kind !== 'space') tokens.push({ kind, text: text.slice(at, end), start: at, end });
    if (kind === 'invalid') return tokens;
    at = end;
  }
  tokens.push({ kind: 'end', text: '<EOF>', start: text.length, end: text.length });
  return tokens;
}

function tokenAt(text: string, at: number): [kind: TokenKind | 'space', end: number] {
  for (const [kind, pattern] of RULES) {
    pattern.lastIndex = at;
    if (pattern.test(text)) return [kind, pattern.lastIndex];
  }
  return ['invalid', text.length];
}
