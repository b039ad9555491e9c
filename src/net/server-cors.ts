import type { IncomingHttpHeaders } from 'node:http';
import type { HttpServerConfig } from './server.ts';

export type CorsConfig = NonNullable<HttpServerConfig['cors']>;

export interface CorsAnswer {
  readonly headers: Readonly<Record<string, string>>;
  /** The request is a browser's question beforehand: the headers are the whole answer. */
  readonly preflight: boolean;
}

/** Headers that pages may always send. */
const SAFE_HEADERS = ['accept', 'accept-language', 'content-language', 'content-type', 'origin', 'x-requested-with'];
const METHODS = 'GET, POST, HEAD';

/** Who may call from a browser: a function from a request to the headers that tell the browser. */
export function corsRules(config: CorsConfig): (method: string, headers: IncomingHttpHeaders) => CorsAnswer {
  const anyOrigin = config.allowed_origins.includes('*');
  const origins = config.allowed_origins.map(pattern);
  const anyHeader = config.allowed_headers.includes('*');
  const known = new Set([...SAFE_HEADERS, ...config.allowed_headers.map((name) => name.toLowerCase())]);
  const exposed = config.exposed_headers.join(', ');

  return (method, headers) => {
    const { origin, 'access-control-request-method': wanted, 'access-control-request-headers': names = '' } = headers;
    const preflight = method === 'OPTIONS' && wanted !== undefined;
    const vary = preflight ? 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers' : 'Origin';
    const denied = { headers: { vary }, preflight };
    if (origin === undefined || !(anyOrigin || origins.some((fits) => fits.test(origin)))) return denied;
    // Any page with the credentials of any user: no browser takes that, and nobody should want it.
    const allowed: Record<string, string> = anyOrigin
      ? { vary, 'access-control-allow-origin': '*' }
      : { vary, 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' };
    if (!preflight) {
      return { headers: { ...allowed, ...(exposed && { 'access-control-expose-headers': exposed }) }, preflight };
    }
    const asked = names.split(',').flatMap((name) => name.trim().toLowerCase() || []);
    if (!METHODS.split(', ').includes(wanted) || !(anyHeader || asked.every((name) => known.has(name)))) return denied;
    return {
      preflight,
      headers: {
        ...allowed,
        'access-control-allow-methods': METHODS,
        ...(asked.length > 0 && { 'access-control-allow-headers': asked.join(', ') }),
        ...(config.max_age > 0 && { 'access-control-max-age': String(config.max_age) }),
      },
    };
  };
}

/** Of an origin in which `*` stands for any characters. */
function pattern(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i');
}
