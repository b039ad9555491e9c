/** What a field takes and what stands there, in words for people. */
import { isWhole, type Kind, kindOfValue, type View } from './schema-walk.ts';
import type { Node } from './tree.ts';
import { withoutUserInfo } from './user-info.ts';

const WORDS: Readonly<Record<Kind, string>> = {
  text: 'a text',
  number: 'a number',
  boolean: 'true or false',
  null: 'nothing',
  map: 'a map (key: value)',
  list: 'a list',
};

/** "one of gzip, zstd, none", "a whole number", "a text or a list". */
export function expectation(at: View): string {
  if (at.format === 'duration') return 'a duration such as 500ms, 5s or 1m30s';
  if (at.format === 'bytes') return 'a size such as 5MiB, 2MB or a number of bytes';
  const words = new Set<string>();
  const choices = choicesOf(at);
  if (choices.length > 0) words.add(oneOf(choices));
  for (const schema of at.alternatives) {
    const { def } = schema._zod;
    if (def.type === 'string') words.add(WORDS.text);
    else if (def.type === 'number') words.add(isWhole(schema) ? 'a whole number' : WORDS.number);
    else if (def.type === 'boolean') words.add(WORDS.boolean);
    else if (def.type === 'object' || def.type === 'record') words.add(WORDS.map);
    else if (def.type === 'array' || def.type === 'tuple') words.add(WORDS.list);
  }
  return [...words].join(' or ') || 'another value';
}

export function oneOf(choices: readonly string[]): string {
  return choices.length > 1 ? `one of ${choices.join(', ')}` : (choices[0] ?? 'another value');
}

/** The values that a field is limited to; empty when it is not. */
export function choicesOf(at: View): string[] {
  return at.alternatives.flatMap(({ _zod: { def } }) => {
    if (def.type === 'enum')
      return Object.values(def.entries)
        .filter((value) => value !== '')
        .map(String);
    return def.type === 'literal' ? def.values.map(String) : [];
  });
}

/** What stands there: the value itself only where it stands in the file and is no secret. */
export function found(node: Node, hidden: boolean): string {
  if (node.kind !== 'scalar') return WORDS[node.kind];
  if (node.origin) return `a value from the ${node.origin.label}`;
  if (hidden) return kindOfValue(node.value) === 'boolean' ? 'a boolean' : WORDS[kindOfValue(node.value)];
  if (typeof node.value !== 'string') return node.value === null ? WORDS.null : writtenText(node);
  return JSON.stringify(cut(withoutUserInfo(node.value)));
}

/** How to write it so that it fits, where that is plain to see. */
export function rewrite(node: Node, at: View, hidden: boolean, accepts: (kind: Kind) => boolean): string | undefined {
  if (node.kind !== 'scalar' || node.value === null || node.origin) return undefined;
  const { value } = node;
  if (at.format === 'duration') {
    const days = /^(\d{1,5})d$/.exec(String(value))?.[1];
    if (days) return `days are no unit: write ${Number(days) * 24}h`;
    return /^\d+$/.test(String(value)) ? 'a number needs its unit: 5s, 500ms' : undefined;
  }
  if (at.format === 'endpoint' && typeof value === 'number')
    return `localhost:${value}, or 0.0.0.0:${value} to be reached from outside`;
  if (typeof value !== 'string') {
    if (accepts('text') && !accepts(kindOfValue(value)))
      return hidden ? 'write it in quotes' : `write it in quotes: "${writtenText(node)}"`;
  } else {
    if (accepts('boolean') && /^(yes|on|y)$/i.test(value)) return 'write true';
    if (accepts('boolean') && /^(no|off|n)$/i.test(value)) return 'write false';
    if ((accepts('number') && /^[-+]?\d/.test(value)) || (accepts('boolean') && /^(true|false)$/i.test(value))) {
      return 'write it without quotes';
    }
  }
  if (accepts('list') && !accepts('map'))
    return hidden ? 'write it as a list: [...]' : `write it as a list: [${writtenText(node)}]`;
  return undefined;
}

/** A scalar as it stands in the file: 0123 rather than 83. */
function writtenText({ at }: Node): string {
  const text = at.source.text.slice(at.start, at.end).trim();
  return cut(withoutUserInfo(text));
}

const cut = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
