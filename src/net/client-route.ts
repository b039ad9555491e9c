/** How a connection to a backend is made: TCP, perhaps through a proxy, perhaps TLS on top. */
import { request } from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { ProxyError } from './client-error.ts';
import type { TlsSettings } from './client-tls.ts';
import type { HttpProxy } from './proxy.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Opens a TCP connection; returns at once with a connecting socket. */
export type Connect = (address: Address) => Socket;

export interface Route {
  readonly target: Address;
  readonly proxy?: HttpProxy;
  /** Present when the target speaks TLS. Asked for each connection: certificates change. */
  readonly tls?: () => TlsSettings;
}

/** A connection in the making. */
export class Opening {
  /** Resolves with the established, verified connection. Rejects with Node.js' error, or a ProxyError. */
  readonly connection: Promise<Duplex>;
  #current: Duplex | undefined;
  #cancelled: Error | undefined;

  constructor(route: Route, connect: Connect) {
    this.connection = this.#open(route, connect);
    // Whoever cancels may have no further interest in the result.
    this.connection.catch(() => {});
  }

  cancel(reason: Error): void {
    this.#cancelled = reason;
    this.#current?.destroy(reason);
  }

  async #open(route: Route, connect: Connect): Promise<Duplex> {
    const { target, proxy } = route;
    const tls = route.tls?.();
    if (!proxy) {
      const socket = await this.#established(connect(target), 'connect');
      return tls ? this.#secure(socket, target.host, tls) : socket;
    }
    const tunnel = await this.#throughProxy(proxy, connect, tls && target);
    return tls ? this.#secure(tunnel, target.host, tls) : tunnel;
  }

  /** A connection to the proxy, or, with `to`, one through it. */
  async #throughProxy(proxy: HttpProxy, connect: Connect, to: Address | undefined): Promise<Duplex> {
    try {
      const socket = await this.#established(connect(proxy), 'connect');
      const ready = proxy.secure ? await this.#secure(socket, proxy.host) : socket;
      return to ? await openTunnel(ready, proxy, to) : ready;
    } catch (error) {
      this.#current?.destroy();
      if (error instanceof ProxyError) throw error;
      const code = (error as NodeJS.ErrnoException).code ?? 'ECONNRESET';
      throw new ProxyError(`the proxy ${nameOf(proxy)} cannot be used: ${code}`, { code, cause: error });
    }
  }

  /** Without settings: verified against the roots of Node.js. */
  #secure(socket: Duplex, host: string, tls?: TlsSettings): Promise<Duplex> {
    const options: ConnectionOptions = {
      socket,
      host,
      servername: tls?.serverName ?? (isIP(host) ? '' : host),
      ALPNProtocols: ['http/1.1'],
      ...(tls && { secureContext: tls.context, rejectUnauthorized: tls.verify }),
    };
    return this.#established(connectTls(options), 'secureConnect');
  }

  #established(socket: Duplex, event: 'connect' | 'secureConnect'): Promise<Duplex> {
    this.#current = socket;
    if (this.#cancelled) socket.destroy(this.#cancelled);
    return new Promise((resolve, reject) => {
      const closed = () => failed(Object.assign(new Error('the connection closed'), { code: 'ECONNRESET' }));
      const failed = (error: Error) => {
        socket.off('close', closed);
        reject(error);
      };
      socket.once('error', failed);
      socket.once('close', closed);
      socket.once(event, () => {
        socket.off('error', failed);
        socket.off('close', closed);
        resolve(socket);
      });
    });
  }
}

function nameOf({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function openTunnel(socket: Duplex, proxy: HttpProxy, to: Address): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const connecting = request({
      method: 'CONNECT',
      path: nameOf(to),
      headers: { host: nameOf(to), ...(proxy.authorization && { 'proxy-authorization': proxy.authorization }) },
      createConnection: () => socket,
    });
    connecting.on('connect', (response, tunnel, head) => {
      if (head.length > 0) tunnel.unshift(head);
      if (response.statusCode === 200) return resolve(tunnel);
      const message = `the proxy ${nameOf(proxy)} answered CONNECT with ${response.statusCode}`;
      reject(new ProxyError(message, { code: 'PROXY_ANSWER', status: response.statusCode }));
    });
    connecting.on('error', reject);
    connecting.end();
  });
}
