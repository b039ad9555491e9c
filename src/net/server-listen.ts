import type { HttpServerConfig } from './server.ts';

/** What Node.js is told: `localhost` is one address, not two, and no host is every interface of the kind. */
export function listenAddress(
  host: string,
  transport: HttpServerConfig['transport'],
): { host?: string; ipv6Only?: boolean } {
  const v6 = transport === 'tcp6';
  if (host === 'localhost') return { host: v6 ? '::1' : '127.0.0.1' };
  if (host !== '' || transport === 'tcp') return { host: host || undefined, ipv6Only: v6 };
  return { host: v6 ? '::' : '0.0.0.0', ipv6Only: v6 };
}

/** What to do about an address that can't be had. */
export function listenError(endpoint: string, error: NodeJS.ErrnoException): Error {
  const hint =
    error.code === 'EADDRINUSE'
      ? 'another process listens there; stop it or choose another port'
      : error.code === 'EACCES'
        ? 'ports below 1024 need privileges; choose a higher one'
        : error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND'
          ? 'this machine has no such address; 0.0.0.0 is every interface'
          : error.message;
  return new Error(`endpoint ${endpoint}: can't listen (${error.code}): ${hint}`, { cause: error });
}
