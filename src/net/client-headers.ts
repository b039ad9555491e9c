/** Headers of a configuration, checked once so that no request fails on them, and no value is ever shown. */

/** The client sets these itself; a second opinion would break the framing or the meaning of the body. */
const OWN = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export interface HeaderFault {
  readonly name: string;
  readonly message: string;
}

/** What is wrong with these headers: for checks of a configuration. Values are not part of the messages. */
export function headerFaults(headers: Readonly<Record<string, string>>): HeaderFault[] {
  const seen = new Set<string>();
  return Object.entries(headers).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    const message = fault(lower, value, seen);
    seen.add(lower);
    return message ? [{ name, message }] : [];
  });
}

function fault(lower: string, value: string, seen: ReadonlySet<string>): string | undefined {
  if (!TOKEN.test(lower)) return 'is not the name of a header';
  if (OWN.has(lower)) return 'is set by the agent itself';
  if (seen.has(lower)) return 'is there twice, written differently';
  return valueFault(value);
}

/** What keeps a text from being sent in a header; undefined when nothing does. */
export function valueFault(value: string): string | undefined {
  if (/[\r\n]/.test(value)) {
    return 'has a line break in its value, often the last character of a file that a secret was read from';
  }
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) return 'has a character in its value that headers cannot carry';
  return undefined;
}

/**
 * The headers with lower-case names.
 * @throws Error that names the header, never its value.
 */
export function checkedHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [first] = headerFaults(headers);
  if (first) throw new Error(`header ${JSON.stringify(first.name)} ${first.message}`);
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
