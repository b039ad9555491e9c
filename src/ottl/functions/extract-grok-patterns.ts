import { OttlError, within } from '../error.ts';
import { defineFunction } from '../function.ts';
import { Grok, type GrokOptions } from '../grok/grok.ts';
import { listOf, literal, optional, string } from '../parameter.ts';
import { refusal } from '../pattern.ts';
import { quoted } from '../sprintf/quote.ts';

/** How many different patterns of one call are kept compiled. */
const KEPT = 20;

export const extractGrokPatterns = defineFunction({
  name: 'ExtractGrokPatterns',
  kind: 'converter',
  parameters: {
    target: string,
    pattern: string,
    namedCapturesOnly: optional(literal.bool, 'false'),
    patternDefinitions: optional(listOf(literal.string), 'those of the library alone'),
  },
  summary: 'What the parts of a grok pattern match, as a map; an empty one where it matches nowhere.',
  example: {
    statement:
      'merge_maps(log.attributes, ExtractGrokPatterns(log.body, "%{IP:client} %{NUMBER:bytes:int}", true), "upsert")',
    before: { body: '10.0.0.1 512' },
    after: { attributes: { client: '10.0.0.1', bytes: 512 } },
  },
  create({ target, pattern, namedCapturesOnly = false, patternDefinitions = [] }) {
    const options = { namedCapturesOnly, definitions: definitionsOf(patternDefinitions) };
    const { literal: given } = pattern;
    const fixed = given && compiled(given.value, options);
    if (fixed) checkNames(fixed, options);
    const kept = new Map<string, Grok>();
    return (context) => {
      const text = fixed ? '' : pattern(context);
      const grok = fixed ?? kept.get(text) ?? compiled(text, options);
      if (!fixed) {
        checkNames(grok, options);
        if (kept.size >= KEPT) kept.delete(kept.keys().next().value as string);
        kept.set(text, grok);
      }
      return grok.parse(target(context));
    };
  },
});

function compiled(pattern: string, options: GrokOptions): Grok {
  return within(refusal('ExtractGrokPatterns', pattern), () => new Grok(pattern, options));
}

function checkNames(grok: Grok, { namedCapturesOnly }: GrokOptions): void {
  if (namedCapturesOnly && !grok.hasNames) {
    throw new OttlError('at least 1 named capture group must be supplied in the given regex');
  }
}

/** Each is `NAME=definition`. */
function definitionsOf(definitions: readonly string[]): Map<string, string> {
  const byName = new Map<string, string>();
  for (const [index, definition] of definitions.entries()) {
    const equals = definition.indexOf('=');
    if (equals < 0) {
      const bytes = Buffer.from(definition, 'utf8');
      const shown = quoted(bytes.length > 20 ? `${bytes.toString('utf8', 0, 17)}...` : definition, '"', false);
      throw new OttlError(
        `pattern ${shown} supplied to ExtractGrokPatterns at index ${index} has incorrect format, expecting PATTERNNAME=pattern definition`,
      );
    }
    const name = definition.slice(0, equals);
    if (name.includes(':')) throw new OttlError(`pattern ID ${quoted(name, '"', false)} should not contain ':'`);
    byName.set(name, definition.slice(equals + 1));
  }
  return byName;
}
