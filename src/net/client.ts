/**
 * The HTTP client of every exporter: node:http with kept-alive connections and one deadline per attempt. Of the
 * environment it reads the proxy variables and nothing else, so no OTEL_* setting of the process reaches a backend.
 */
import { request as httpRequest } from 'node:http';
import { connect as connectTcp } from 'node:net';
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { httpClient } from '../config/blocks/http.ts';
import { type Log, silentLog } from '../telemetry/log.ts';
import type { ClientAuth } from './auth.ts';
import { RouteAgent } from './client-agent.ts';
import { Attempt } from './client-attempt.ts';
import { RequestError } from './client-error.ts';
import { checkedHeaders } from './client-headers.ts';
import { processLookup } from './client-lookup.ts';
import type { HttpRequest, HttpResponse } from './client-message.ts';
import type { Connect } from './client-route.ts';
import { loadTls, type TlsSettings } from './client-tls.ts';
import { Followed } from './followed.ts';
import { bareHost, type Environment, type HttpProxy, type ProxyChoice, portOf, proxyChoice } from './proxy.ts';

/** The HTTP client block of a configuration, as parsed. */
export type HttpClientConfig = z.output<z.ZodObject<ReturnType<typeof httpClient>>>;

export interface HttpClientDeps {
  readonly clock: Clock;
  /** Read for HTTPS_PROXY, HTTP_PROXY and NO_PROXY only. */
  readonly environment: Environment;
  /** Default: a TCP connection whose look-ups leave room on the thread pool. */
  readonly connect?: Connect;
  readonly readFile?: (path: string) => Promise<Buffer>;
  /** What the `auth` block names; there when the block is. */
  readonly auth?: ClientAuth;
  /** Told of certificates that changed on disk. */
  readonly log?: Log;
}

/** One backend's client. Nothing of it is shared with another's: no header, connection or TLS setting. */
export interface HttpClient {
  /**
   * Reads the files of the `tls` block. Called once, before the first request.
   * @throws Error that names the key, when a file is unreadable or unusable.
   */
  start(): Promise<void>;
  /**
   * One attempt: no second one, and no redirect is followed. Resolves with any whole answer, whatever its status.
   * `timeout` covers everything from the look-up of the name to the last byte of the answer.
   * @throws {RequestError}
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Ends what is under way (ABORTED) and closes every connection. Idempotent. */
  shutdown(): void;
}

/** @throws Error that names the setting, never its value, when a header or a proxy is malformed. */
export function createHttpClient(config: HttpClientConfig, deps: HttpClientDeps): HttpClient {
  return new Client(config, deps);
}

class Client implements HttpClient {
  readonly #config: HttpClientConfig;
  readonly #deps: HttpClientDeps;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #proxyFor: ProxyChoice;
  /** By origin. */
  readonly #agents = new Map<string, RouteAgent>();
  readonly #underWay = new Set<Attempt>();
  readonly #tls: Followed<TlsSettings>;
  #started = false;
  #closed = false;

  constructor(config: HttpClientConfig, deps: HttpClientDeps) {
    if (config.auth && !deps.auth) throw new Error(`BUG: no authenticator ${config.auth.authenticator} for the client`);
    this.#config = config;
    this.#deps = deps;
    this.#headers = checkedHeaders(config.headers);
    this.#proxyFor = proxyChoice(config.proxy_url, deps.environment);
    const { clock, readFile, log = silentLog } = deps;
    this.#tls = new Followed({
      load: (read) => loadTls(config.tls, read),
      intervalMs: config.tls.reload_interval,
      clock,
      readFile,
      changed: () => log.info('The certificates of the client changed on disk: new connections use them.'),
      failed: ({ message }) =>
        log.error('The certificates of the client could not be read anew; the old ones stay.', { error: message }),
    });
  }

  async start(): Promise<void> {
    await this.#tls.start();
    this.#started = true;
  }

  async request({ method, url, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    if (!this.#started) throw new Error('BUG: request before start');
    if (this.#closed || signal?.aborted) {
      throw new RequestError('ended before it began', { phase: 'connect', code: 'ABORTED' });
    }
    const attempt = new Attempt();
    this.#underWay.add(attempt);
    const timer = this.#deps.clock.schedule(this.#config.timeout, () => attempt.timeOut(this.#config.timeout));
    const aborted = () => attempt.abort('the caller gave up');
    signal?.addEventListener('abort', aborted, { once: true });
    try {
      const proxy = this.#proxyFor(url);
      // A proxy is told the whole URL of a plain request; a secure one goes through a tunnel.
      const direct = !proxy || url.protocol === 'https:';
      const path = `${url.pathname}${url.search}`;
      const outgoing = httpRequest({
        method,
        path: direct ? path : `http://${url.host}${path}`,
        headers: {
          'accept-encoding': 'identity',
          ...this.#headers,
          ...headers,
          ...this.#deps.auth?.headers(),
          host: url.host,
          ...(body && { 'content-length': String(body.byteLength) }),
          ...(!direct && proxy.authorization && { 'proxy-authorization': proxy.authorization }),
        },
        agent: this.#agentFor(url, proxy),
      });
      attempt.send(outgoing, body);
      return await attempt.answer;
    } finally {
      timer.cancel();
      signal?.removeEventListener('abort', aborted);
      this.#underWay.delete(attempt);
    }
  }

  shutdown(): void {
    this.#closed = true;
    this.#tls.stop();
    for (const attempt of this.#underWay) attempt.abort('the client was closed');
    for (const agent of this.#agents.values()) agent.destroy();
  }

  #agentFor(url: URL, proxy: HttpProxy | undefined): RouteAgent {
    const found = this.#agents.get(url.origin);
    if (found) return found;
    const config = this.#config;
    const target = { host: bareHost(url), port: portOf(url) };
    const agent = new RouteAgent(
      { target, proxy, tls: url.protocol === 'https:' ? () => this.#tls.value : undefined },
      {
        connect: this.#deps.connect ?? (({ host, port }) => connectTcp({ host, port, lookup: processLookup })),
        clock: this.#deps.clock,
        timeoutMs: config.timeout,
        keepAlive: !config.disable_keep_alives,
        maxSockets: unlimited(config.max_conns_per_host),
        maxFreeSockets: Math.min(unlimited(config.max_idle_conns), unlimited(config.max_idle_conns_per_host)),
        idleTimeoutMs: config.idle_conn_timeout,
      },
    );
    this.#agents.set(url.origin, agent);
    return agent;
  }
}

/** Limits of which 0 and less mean none. */
const unlimited = (limit: number) => (limit > 0 ? limit : Number.POSITIVE_INFINITY);
