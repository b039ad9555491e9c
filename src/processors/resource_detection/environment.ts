import { setOwn, type ValueMap } from '../../record/value.ts';
import { Regex } from '../../regex/regex.ts';

/** The second is the older name. */
const VARIABLES = ['OTEL_RESOURCE_ATTRIBUTES', 'OTEL_RESOURCE'];

const PAIR = new Regex('\\s*([[:ascii:]]{1,256}?)\\s*=\\s*([[:ascii:]]{0,256}?)\\s*(?:,|$)');

/**
 * `key=value,key=value`, the values URL-encoded. Empty where no variable says anything.
 * @throws {Error} for what is not of that form
 */
export function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): ValueMap {
  const attributes: ValueMap = {};
  const name = VARIABLES.find((variable) => environment[variable]?.trim());
  if (name === undefined) return attributes;
  const text = (environment[name] as string).trim();
  let end = 0;
  for (const [start, matchEnd, keyStart, keyEnd, valueStart, valueEnd] of PAIR.findAll(text)) {
    if (start !== end) throw invalid(name, text.slice(end, start));
    end = matchEnd as number;
    const value = unescaped(text.slice(valueStart, valueEnd));
    if (value === undefined)
      throw new Error(`${name}: invalid resource format in attribute: ${quoted(text.slice(start, end))}`);
    setOwn(attributes, text.slice(keyStart, keyEnd), value);
  }
  if (end === 0) throw new Error(`${name}: invalid resource format: ${quoted(text)}`);
  if (end !== text.length) throw invalid(name, text.slice(end));
  return attributes;
}

function invalid(name: string, text: string): Error {
  return new Error(`${name}: invalid resource format, invalid text: ${quoted(text)}`);
}

const quoted = (text: string) => JSON.stringify(text);

/** As in a query: + is a space. Undefined where a % has no two digits behind it. */
function unescaped(text: string): string | undefined {
  if (/%(?![\da-fA-F]{2})/.test(text)) return undefined;
  const binary = text
    .replaceAll('+', ' ')
    .replace(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return Buffer.from(binary, 'latin1').toString();
}
