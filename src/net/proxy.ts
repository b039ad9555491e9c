/**
 * Which HTTP proxy a request takes. The rules for HTTPS_PROXY, HTTP_PROXY and NO_PROXY are those of Go's net/http, as
 * the Collector has them; the lower-case names count too. `proxy_url` wins over all of them.
 */
import { BlockList, isIP } from 'node:net';

export interface HttpProxy {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** Value of Proxy-Authorization: secret. */
  readonly authorization?: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy for a request to `target`; undefined: go direct. */
export type ProxyChoice = (target: URL) => HttpProxy | undefined;

/**
 * @throws Error with a sentence that names the setting, never its value: it may hold a password.
 */
export function proxyChoice(proxyUrl: string | undefined, environment: Environment): ProxyChoice {
  if (proxyUrl) {
    const proxy = parseProxy(proxyUrl, 'proxy_url');
    return () => proxy;
  }
  const read = (name: string) => environment[name] || environment[name.toLowerCase()] || undefined;
  const proxyOf = (name: string) => {
    const value = read(name);
    return value ? parseProxy(value, `the environment variable ${name}`) : undefined;
  };
  const https = proxyOf('HTTPS_PROXY');
  const http = proxyOf('HTTP_PROXY');
  const direct = exceptions(read('NO_PROXY') ?? '');
  return (target) => {
    const proxy = target.protocol === 'https:' ? https : http;
    return proxy && !direct(target) ? proxy : undefined;
  };
}

export function parseProxy(text: string, setting: string): HttpProxy {
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  } catch {
    throw new Error(`${setting} is not a URL; write http://host:port`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Error(
      `${setting} has the scheme ${url.protocol.slice(0, -1)}; only http and https proxies are supported`,
    );
  }
  const secure = url.protocol === 'https:';
  return {
    secure,
    host: bareHost(url),
    port: url.port ? Number(url.port) : secure ? 443 : 80,
    authorization: basicAuthorization(url, setting),
  };
}

/** `Basic ...` for the user and password of a URL; undefined without. */
export function basicAuthorization(url: URL, setting: string): string | undefined {
  if (!url.username && !url.password) return undefined;
  try {
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    return `Basic ${Buffer.from(credentials).toString('base64')}`;
  } catch {
    throw new Error(`${setting} has a malformed %-escape in its user or password`);
  }
}

/** The host as sockets want it: IPv6 without brackets. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

export function portOf(url: URL): number {
  return url.port ? Number(url.port) : url.protocol === 'https:' ? 443 : 80;
}

/** NO_PROXY: `*`, host names (with their subdomains), `.domain` (subdomains only), addresses, CIDRs; each may have a port. */
function exceptions(noProxy: string): (target: URL) => boolean {
  const rules = noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter(Boolean)
    .map(exception);
  return (target) => {
    const host = bareHost(target).toLowerCase().replace(/\.$/, '');
    return isLoopback(host) || rules.some((matches) => matches(host, portOf(target)));
  };
}

function exception(entry: string): (host: string, port: number) => boolean {
  if (entry === '*') return () => true;
  const [, network, bits] = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (network !== undefined && isIP(network)) return withinNetwork(network, Number(bits));
  const withPort = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(entry);
  const name = withPort ? (withPort[1] ?? (withPort[2] as string)) : entry.replace(/^\[(.*)\]$/, '$1');
  const port = withPort ? Number(withPort[3]) : undefined;
  const suffix = name.startsWith('*.') ? name.slice(1) : name;
  const matchesHost = suffix.startsWith('.')
    ? (host: string) => host.endsWith(suffix)
    : (host: string) => host === suffix || (!isIP(suffix) && host.endsWith(`.${suffix}`));
  return (host, targetPort) => (port === undefined || port === targetPort) && matchesHost(host);
}

function withinNetwork(network: string, bits: number): (host: string) => boolean {
  const family = isIP(network) === 4 ? 'ipv4' : 'ipv6';
  if (bits > (family === 'ipv4' ? 32 : 128)) return () => false;
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return (host) => {
    const version = isIP(host);
    return version !== 0 && list.check(host, version === 4 ? 'ipv4' : 'ipv6');
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
