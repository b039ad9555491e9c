/** URLs as Go's net/url reads them, which is not as browsers do. */
import { isIPv4, isIPv6 } from 'node:net';
import { OttlError, textOf } from '../error.ts';
import { quoted } from '../sprintf/quote.ts';
import { bytesOf, textOfBytes } from '../strptime/layout.ts';
import { escaped, isPlain, type Part, unescaped } from './escape.ts';

/** All texts are strings of bytes. */
export interface ParsedUrl {
  readonly scheme: string;
  /** What stands behind the scheme of a URL without slashes, as of mailto. */
  readonly opaque: string;
  readonly user: { readonly name: string; readonly password?: string | undefined } | undefined;
  /** With the port. */
  readonly host: string;
  /** Unescaped; `rawPath` is as it was written. */
  readonly path: string;
  readonly rawPath: string;
  /** As it was written; undefined without a question mark. */
  readonly query: string | undefined;
  readonly fragment: string;
  readonly rawFragment: string;
  /** Whether there were two slashes before the host, be it empty. */
  readonly hasAuthority: boolean;
}

/** @throws {OttlError} */
export function parseUrl(text: string): ParsedUrl {
  const whole = bytesOf(text);
  const hash = whole.indexOf('#');
  const url = hash < 0 ? whole : whole.slice(0, hash);
  const rawFragment = hash < 0 ? '' : whole.slice(hash + 1);
  const parsed = refusing(url, () => withoutFragment(url));
  return { ...parsed, fragment: refusing(whole, () => unescaped(rawFragment, 'fragment')), rawFragment };
}

function refusing<T>(url: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new OttlError(`parse ${quoted(textOfBytes(url), '"', false)}: ${textOf(error)}`);
  }
}

const NOTHING = {
  ...{ scheme: '', opaque: '', user: undefined, host: '', path: '', rawPath: '', query: undefined },
  hasAuthority: false,
};

function withoutFragment(url: string): Omit<ParsedUrl, 'fragment' | 'rawFragment'> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
  if (/[\0-\x1f\x7f]/.test(url)) throw new OttlError('net/url: invalid control character in URL');
  if (url === '*') return { ...NOTHING, path: '*', rawPath: '*' };
  if (url.startsWith(':')) throw new OttlError('missing protocol scheme');
  const written = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1];
  const scheme = written?.toLowerCase() ?? '';
  const behind = written === undefined ? url : url.slice(written.length + 1);
  const mark = behind.indexOf('?');
  const query = mark < 0 ? undefined : behind.slice(mark + 1);
  const rest = mark < 0 ? behind : behind.slice(0, mark);
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...NOTHING, scheme, opaque: rest, query };
    if (rest.split('/', 1)[0]?.includes(':')) throw new OttlError('first path segment in URL cannot contain colon');
  }
  if (!rest.startsWith('//') || (scheme === '' && rest.startsWith('///'))) {
    return { ...NOTHING, scheme, path: unescaped(rest, 'path'), rawPath: rest, query };
  }
  const slash = rest.indexOf('/', 2);
  const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
  const rawPath = slash < 0 ? '' : rest.slice(slash);
  const at = authority.lastIndexOf('@');
  const host = hostOf(authority.slice(at + 1));
  const user = at < 0 ? undefined : userOf(authority.slice(0, at));
  return { scheme, opaque: '', user, host, path: unescaped(rawPath, 'path'), rawPath, query, hasAuthority: true };
}

function userOf(userinfo: string): ParsedUrl['user'] {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) throw new OttlError('net/url: invalid userinfo');
  const colon = userinfo.indexOf(':');
  if (colon < 0) return { name: unescaped(userinfo, 'userinfo') };
  const name = unescaped(userinfo.slice(0, colon), 'userinfo');
  return { name, password: unescaped(userinfo.slice(colon + 1), 'userinfo') };
}

function hostOf(host: string): string {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) throw new OttlError('invalid IP-literal');
  if (bracket === 0) return addressOf(host);
  const colon = host.lastIndexOf(':');
  if (colon >= 0) checkPort(host.slice(colon));
  return unescaped(host, 'host');
}

/** In brackets, with a port or not. */
function addressOf(host: string): string {
  const close = host.lastIndexOf(']');
  if (close < 0) throw new OttlError("missing ']' in host");
  const port = host.slice(close + 1);
  checkPort(port);
  const inside = host.slice(1, close);
  const zone = inside.indexOf('%25');
  const address =
    zone < 0
      ? unescaped(inside, 'host')
      : unescaped(inside.slice(0, zone), 'host') + unescaped(inside.slice(zone), 'zone');
  if (isIPv4(address)) throw new OttlError('invalid IP-literal');
  const [ip = '', ...zones] = address.split('%');
  if (!isIPv6(ip) || (zones.length > 0 && zones.join('%') === '')) {
    throw new OttlError(`invalid host: ParseAddr(${quoted(textOfBytes(address), '"', false)}): unable to parse IP`);
  }
  return `[${address}]${unescaped(port, 'host')}`;
}

function checkPort(colonPort: string): void {
  if (!/^(?::\d*)?$/.test(colonPort)) {
    throw new OttlError(`invalid port ${quoted(textOfBytes(colonPort), '"', false)} after host`);
  }
}

/** The host without its port and brackets, and the port or ''. */
export function hostAndPort(host: string): { readonly name: string; readonly port: string } {
  const colon = host.lastIndexOf(':');
  const hasPort = colon >= 0 && /^\d*$/.test(host.slice(colon + 1));
  const name = hasPort ? host.slice(0, colon) : host;
  return {
    name: name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name,
    port: hasPort ? host.slice(colon + 1) : '',
  };
}

/** The URL put together again. */
export function urlText(url: ParsedUrl): string {
  const { scheme, opaque, user, host, path, query, fragment } = url;
  let text = scheme && `${scheme}:`;
  if (opaque !== '') text += opaque;
  else {
    const hasSlashes = url.hasAuthority && (host !== '' || path !== '' || user !== undefined);
    if (hasSlashes) text += `//${user ? `${userText(user)}@` : ''}${escaped(host, 'host')}`;
    const written = path === '*' ? '*' : asWritten(url.rawPath, path, 'path');
    if (text === '' && written.split('/', 1)[0]?.includes(':')) text += './';
    text += written;
  }
  if (query !== undefined) text += `?${query}`;
  if (fragment !== '') text += `#${asWritten(url.rawFragment, fragment, 'fragment')}`;
  return text;
}

export function userText({ name, password }: NonNullable<ParsedUrl['user']>): string {
  const text = escaped(name, 'userinfo');
  return password === undefined ? text : `${text}:${escaped(password, 'userinfo')}`;
}

/** As it stood there, unless it had characters that should have been escaped. */
function asWritten(raw: string, plain: string, part: Part): string {
  const isFine = [...raw].every((byte) => "!$&'()*+,;=:@[]%".includes(byte) || isPlain(byte, part));
  return isFine ? raw : escaped(plain, part);
}
