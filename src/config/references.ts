/** `${...}` as text: where a reference stands, what it names, and how people are told of it. */
import { quote } from './diagnostics.ts';

/** A reference that has no value, and why. The message holds nothing that a reference gave. */
export class Unresolvable extends Error {
  readonly suggestion: string | undefined;
  constructor(message: string, suggestion?: string) {
    super(message);
    this.suggestion = suggestion;
  }
}

export interface Found {
  readonly start: number;
  readonly end: number;
  readonly uri: string;
}

/** The innermost reference that is closed first. An escaped one ends the search: so the Collector does it. */
export function findReference(text: string): Found | undefined {
  for (let from = 0; ; ) {
    const close = text.indexOf('}', from);
    if (close < 0) return undefined;
    const open = text.lastIndexOf('${', close);
    if (open >= from) {
      if (dollarsBefore(text, open) % 2 === 1) return undefined;
      return { start: open, end: close + 1, uri: text.slice(open + 2, close) };
    }
    from = close + 1;
  }
}

/** Pastes the replacement wherever this reference stands unescaped. */
export function paste(text: string, { start, end }: Found, replacement: string): string {
  const reference = text.slice(start, end);
  const [first, ...others] = text.split(reference) as [string, ...string[]];
  let before = first;
  let result = first;
  for (const part of others) {
    result += (dollarsBefore(before, before.length) % 2 === 1 ? reference : replacement) + part;
    before = part;
  }
  return result;
}

function dollarsBefore(text: string, end: number): number {
  let start = end;
  while (text[start - 1] === '$') start--;
  return end - start;
}

export const unescaped = (text: string) => text.replace(/\$\$/g, () => '$');

/** Of sources and of references. */
export const SCHEMES = ['env', 'file', 'http', 'https', 'yaml'] as const;
export type Scheme = (typeof SCHEMES)[number];
export const SCHEMES_HELP = 'the schemes are env, file, yaml, http and https';

/** @throws {Unresolvable} */
export function splitUri(uri: string): { scheme: Scheme; rest: string } {
  if (!uri.includes(':')) return checked('env', uri);
  const match = /^([A-Za-z][A-Za-z0-9+.-]+):(.*)$/s.exec(uri);
  if (/^\w+:-/.test(uri)) {
    throw new Unresolvable(
      match ? 'invalid uri: the scheme is not supported' : 'invalid uri',
      `with a default, write \${env:NAME:-default}`,
    );
  }
  if (!match) throw new Unresolvable('invalid uri', `write \${env:NAME} or \${file:path}`);
  return checked(match[1] as string, match[2] as string);
}

function checked(scheme: string, rest: string): { scheme: Scheme; rest: string } {
  const known = SCHEMES.find((one) => one === scheme);
  if (known === undefined) throw new Unresolvable('the scheme is not supported', SCHEMES_HELP);
  if (rest.includes('$')) throw new Unresolvable("the uri contains unsupported characters ('$')");
  return { scheme: known, rest };
}

/** A reference as messages name it: without a default, which may be a secret. */
export function labelOf(uri: string): string {
  if (uri.startsWith('file:')) return `file ${quote(uri.slice(5))}`;
  if (uri.startsWith('yaml:')) return 'inline yaml';
  // Without what may be a password in it.
  if (/^https?:/.test(uri))
    return `URL ${quote(uri.replace(/\/\/[^/@]*@|[?#].*$/gs, (part) => (part.endsWith('@') ? '//' : '')))}`;
  return /^(?:env:)?[\w.]*(?::-|$)/.test(uri) ? `environment variable ${nameIn(uri)}` : 'reference';
}

export const nameIn = (uri: string) => /^(?:env:)?([\w.]*)/.exec(uri)?.[1] ?? '';

/** Stands for a variable whose name another reference gave. */
export const HIDDEN_NAME = 'that this reference leads to';

export function notSet(names: readonly string[]): string {
  return names.length === 1
    ? `the environment variable ${names[0]} is not set`
    : `the environment variables ${names.join(', ')} are not set`;
}

/** A default is no advice for a secret: it would stand in the file. */
export function howToSet(name: string, options: { secret: boolean }): string {
  if (name === HIDDEN_NAME) return 'set it where the agent starts';
  const set = `set it where the agent starts (export ${name}=...)`;
  return options.secret ? set : `${set}, or write a default: \${env:${name}:-...}`;
}
