/** Lines of web servers (CLF) and of security products (LEEF). */
import { setOwn, type ValueMap } from '../../record/value.ts';
import { OttlError, textOf } from '../error.ts';
import { defineFunction } from '../function.ts';
import { parseInteger } from '../integer.ts';
import { parseLeefMessage } from '../leef.ts';
import { literal, optional, string } from '../parameter.ts';
import { trimSpace } from '../space.ts';
import { quoted } from '../sprintf/quote.ts';
import { bytesOf, textOfBytes } from '../strptime/layout.ts';

// What RE2 calls a space is less than what JavaScript does.
const WORD = String.raw`([^\t\n\f\r ]+)`;
const QUOTED = String.raw`"([^"\\]*(?:\\[^\n][^"\\]*)*)"`;
const COMMON = String.raw`^${WORD} ${WORD} ${WORD} \[([^\]]+)\] ${QUOTED} ${WORD} ${WORD}`;
const LINES: Readonly<Record<string, RegExp>> = {
  clf: new RegExp(`${COMMON}$`),
  combined: new RegExp(`${COMMON} ${QUOTED} ${QUOTED}$`),
};
/** No line of a log is longer, and native expressions may fail on texts that are. */
const MAX_LENGTH = 2 ** 20;

export const parseClf = defineFunction({
  name: 'ParseCLF',
  kind: 'converter',
  logStatementsOnly: true,
  parameters: { target: string, format: optional(literal.string, '"clf"') },
  summary: "A line of a web server's log in the Common Log Format, or in the one called combined, as a map.",
  example: {
    statement: 'set(log.attributes["status"], ParseCLF(log.body)["clf.status"])',
    before: { body: '10.0.0.1 - jane [10/Oct/2025:13:55:36 -0700] "GET /a HTTP/1.1" 200 2326' },
    after: { attributes: { status: 200 } },
  },
  create({ target, format = 'clf' }) {
    const line = Object.hasOwn(LINES, format) ? LINES[format] : undefined;
    if (!line) {
      throw new OttlError(`invalid format ${quoted(format, '"', false)}: must be "clf" or "combined"`);
    }
    return (context) => {
      const text = target(context);
      if (text === '') throw new OttlError('cannot parse empty CLF message');
      const match = text.length > MAX_LENGTH ? null : line.exec(trimSpace(text));
      if (!match) throw new OttlError(`invalid CLF message: does not match expected "${format}" format`);
      return clfMap(match);
    };
  },
});

export const parseLeef = defineFunction({
  name: 'ParseLEEF',
  kind: 'converter',
  logStatementsOnly: true,
  parameters: { target: string },
  summary: 'A message in the Log Event Extended Format, version 1.0 or 2.0, as a map.',
  example: {
    statement: 'set(log.attributes["user"], ParseLEEF(log.body)["leef.attributes"]["usr"])',
    before: { body: 'LEEF:2.0|Acme|Scan|1|login|^|usr=jane^src=10.0.0.1' },
    after: { attributes: { user: 'jane' } },
  },
  create:
    ({ target }) =>
    (context) => {
      const text = target(context);
      if (text === '') throw new OttlError('cannot parse empty LEEF message');
      return parseLeefMessage(text);
    },
});

function clfMap(match: RegExpExecArray): ValueMap {
  const [, host, user, authUser, timestamp, quotedRequest = '', status = '', bytes = '', referer, agent] = match;
  const request = unescaped(quotedRequest);
  const map: ValueMap = {
    'clf.remote_host': host,
    'clf.rfc931': user,
    'clf.auth_user': authUser,
    'clf.timestamp': timestamp,
    'clf.request': request,
  };
  const [method, uri, ...protocol] = request.split(' ');
  if (protocol.length > 0) {
    map['clf.method'] = method;
    map['clf.request_uri'] = uri;
    map['clf.protocol'] = protocol.join(' ');
  }
  map['clf.status'] = numberOf('status code', status);
  if (bytes !== '-') map['clf.bytes'] = numberOf('bytes value', bytes);
  if (referer !== undefined && agent !== undefined) {
    setOwn(map, 'clf.referer', unescaped(referer));
    setOwn(map, 'clf.user_agent', unescaped(agent));
  }
  return map;
}

function numberOf(what: string, text: string): number | bigint {
  try {
    return parseInteger(text, 10);
  } catch (error) {
    throw new OttlError(`invalid ${what} ${quoted(text, '"', false)}: ${textOf(error)}`);
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v' };

/** `\xNN` stands for a byte; escapes that nobody knows stay. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return textOfBytes(
    bytesOf(text).replace(/\\(?:x([0-9a-fA-F]{2})|(.))/gs, (whole, hex, char) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return char === '"' || char === '\\' ? char : (ESCAPES[char] ?? whole);
    }),
  );
}
