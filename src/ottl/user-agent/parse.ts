/** What a user agent says of itself. */
import { type Rule, userAgentRules } from './rules.ts';

export interface Product {
  readonly name: string;
  readonly version: string;
}

export interface UserAgent {
  readonly agent: Product;
  readonly system: Product;
}

/**
 * What is longer is cut off: the rules are native expressions, of which some need the square of the length, and whoever
 * sends a request may write what he likes.
 */
const MAX_LENGTH = 1000;
const KEPT = 1000;

interface Matcher {
  readonly regex: RegExp;
  readonly name: string;
  readonly versions: readonly string[];
}

let matchers: { readonly agents: readonly Matcher[]; readonly systems: readonly Matcher[] } | undefined;

const known = new Map<string, UserAgent>();

/** Call it once before records come, so that the rules have been read. */
export function parseUserAgent(text: string): UserAgent {
  const seen = known.get(text);
  if (seen) return seen;
  matchers ??= compiled();
  const start = text.slice(0, MAX_LENGTH);
  const result = { agent: product(start, matchers.agents), system: product(start, matchers.systems) };
  if (text.length > MAX_LENGTH) return result;
  if (known.size >= KEPT) known.delete(known.keys().next().value as string);
  known.set(text, result);
  return result;
}

function compiled(): NonNullable<typeof matchers> {
  const { agents, systems } = userAgentRules();
  return { agents: agents.map((rule) => matcher(rule, 3)), systems: systems.map((rule) => matcher(rule, 4)) };
}

function matcher({ regex, flag, name, versions }: Rule, parts: number): Matcher {
  return {
    regex: new RegExp(regex, flag),
    name: name ?? '$1',
    versions: Array.from({ length: parts }, (_, part) => versions?.[part] ?? `$${part + 2}`),
  };
}

/** By the first rule that yields a name. */
function product(text: string, rules: readonly Matcher[]): Product {
  let version = '';
  for (const { regex, name, versions } of rules) {
    const match = regex.exec(text);
    if (!match) continue;
    version = versionText(versions.map((part) => filled(part, match)));
    const found = filled(name, match);
    if (found !== '') return { name: found, version };
  }
  return { name: 'Other', version };
}

function versionText([major = '', ...parts]: readonly string[]): string {
  return major + parts.map((part) => part && `.${part}`).join('');
}

function filled(template: string, match: RegExpExecArray): string {
  return template.replace(/\$(\w+)/g, (_, group) => (/^\d+$/.test(group) ? (match[Number(group)] ?? '') : ''));
}
