import { int, setOwn, type ValueMap } from '../../record/value.ts';
import { OttlError, textOf } from '../error.ts';
import { defineFunction } from '../function.ts';
import { parseInteger } from '../integer.ts';
import { string } from '../parameter.ts';
import { bytesOf, textOfBytes } from '../strptime/layout.ts';
import { unescaped } from '../url/escape.ts';
import { hostAndPort, parseUrl, urlText, userText } from '../url/parse.ts';

const MAX_PARAMETERS = 10_000;

export const url = defineFunction({
  name: 'URL',
  kind: 'converter',
  parameters: { uRI: string },
  summary: 'The parts of a URL as a map with the names of the semantic conventions; of "?a=b" the parameters alone.',
  example: {
    statement: 'set(log.attributes["host"], URL(log.body)["url.domain"])',
    before: { body: 'https://example.com:8443/a.gif?x=1' },
    after: { attributes: { host: 'example.com' } },
  },
  create: (args) => (context) => {
    const text = args.uRI(context);
    if (text === '') throw new OttlError('url cannot be empty');
    return text.startsWith('?') ? parameters(text.slice(1)) : parts(text);
  },
});

function parts(text: string): ValueMap {
  const parsed = parseUrl(text);
  const { name, port } = hostAndPort(parsed.host);
  const map: ValueMap = {
    'url.original': textOfBytes(urlText(parsed)),
    'url.domain': textOfBytes(name),
    'url.scheme': parsed.scheme,
    'url.path': textOfBytes(parsed.path),
  };
  if (port !== '') map['url.port'] = portNumber(port);
  if (parsed.fragment !== '') map['url.fragment'] = textOfBytes(parsed.fragment);
  if (parsed.user) {
    map['url.user_info'] = userText(parsed.user);
    if (parsed.user.name !== '') map['url.username'] = textOfBytes(parsed.user.name);
    if (parsed.user.password !== undefined) map['url.password'] = textOfBytes(parsed.user.password);
  }
  if (parsed.query) map['url.query'] = textOfBytes(parsed.query);
  const point = parsed.path.lastIndexOf('.');
  if (point >= 0 && point < parsed.path.length - 1) map['url.extension'] = textOfBytes(parsed.path.slice(point + 1));
  return map;
}

function portNumber(port: string): number | bigint {
  try {
    return int(parseInteger(port, 10));
  } catch (error) {
    throw new OttlError(textOf(error).replace('strconv.ParseInt', 'strconv.Atoi'));
  }
}

/** Each parameter has a list, as it may be there several times. */
function parameters(query: string): ValueMap {
  const items = query.split('&', MAX_PARAMETERS + 1);
  if (items.length > MAX_PARAMETERS) throw new OttlError('number of URL query parameters exceeded limit');
  const lists = new Map<string, string[]>();
  let problem: OttlError | undefined;
  for (const item of items) {
    if (item === '') continue;
    if (item.includes(';')) {
      problem = new OttlError('invalid semicolon separator in query');
      continue;
    }
    const equals = item.indexOf('=');
    const [key, value] = equals < 0 ? [item, ''] : [item.slice(0, equals), item.slice(equals + 1)];
    try {
      const [name, text] = [key, value].map((part) => textOfBytes(unescaped(bytesOf(part), 'query'))) as [
        string,
        string,
      ];
      lists.set(name, [...(lists.get(name) ?? []), text]);
    } catch (error) {
      problem ??= error as OttlError;
    }
  }
  if (problem) throw problem;
  const map: ValueMap = {};
  for (const [name, values] of lists) setOwn(map, name, values);
  return lists.size === 0 ? {} : { query: map };
}
