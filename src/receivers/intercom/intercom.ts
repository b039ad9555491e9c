/** The receiver: its paths, who may use them, and the answers. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Receiver, ReceiverContext } from '../../component.ts';
import { HttpServer, isLoopback } from '../../net/server.ts';
import { clientAddress, Networks } from '../../net/server-address.ts';
import type { LogFields } from '../../telemetry/log.ts';
import type { BodyLimits } from './body.ts';
import type { IntercomConfig } from './config.ts';
import { Intake } from './intake.ts';
import { ByteBudget } from './limits.ts';
import { pathExcerpt, Refusal, RefusalLog } from './refusal.ts';
import { hiddenUrl, integrationUrls, resolveUrlKey, servedPaths } from './urls.ts';

/** How long a request waits unread for room in `max_open_bytes`. */
const WAIT_FOR_ROOM_MS = 3000;
const METHODS = 'HEAD, POST';

export class IntercomReceiver implements Receiver {
  readonly shutdownDelayMs: number;
  readonly #config: IntercomConfig;
  readonly #context: ReceiverContext;
  readonly #refusals: RefusalLog;
  readonly #trusted: Networks;
  readonly #allowed: Networks;
  /** By every path at which they are served. */
  readonly #intakes = new Map<string, { name: string; intake: Intake }>();
  #server: HttpServer | undefined;

  constructor(config: IntercomConfig, context: ReceiverContext) {
    this.shutdownDelayMs = config.shutdown_delay;
    this.#config = config;
    this.#context = context;
    this.#refusals = new RefusalLog(context);
    this.#trusted = new Networks(config.trusted_proxies);
    this.#allowed = new Networks(config.allow_from);
  }

  async start(): Promise<void> {
    const { log, clock, dataDirectory, authenticators, doorway } = this.#context;
    const limits: BodyLimits = {
      maxBytes: this.#config.max_request_body_size,
      timeoutMs: this.#config.read_timeout,
      waitMs: WAIT_FOR_ROOM_MS,
      budget: new ByteBudget(this.#config.max_open_bytes),
      encodings: new Set(this.#config.compression_algorithms),
      clock,
    };
    const urls = integrationUrls(this.#config, await resolveUrlKey(this.#config, dataDirectory));
    for (const [index, { path }] of urls.entries()) {
      const integration = this.#config.integrations[index];
      if (!integration) throw new Error('BUG: an URL without an integration');
      const intake = new Intake(integration, this.#context, limits);
      for (const served of servedPaths(path, this.#config.public_url)) {
        this.#intakes.set(served, { name: integration.name, intake });
      }
    }
    const { auth } = this.#config;
    this.#server = await HttpServer.create({
      config: this.#config,
      clock,
      log,
      ...(doorway && { doorway }),
      auth: auth && authenticators.server(auth.authenticator),
      onRefused: (reason, { status, peer, cause }) => {
        this.#refusals.note({ status, reason, message: cause, fields: { client: peer } });
      },
    });
    this.#route(this.#server);
    const { address, port } = await this.#server.listen();
    log.info('The door is open.', { address, port, tls: this.#config.tls !== undefined });
    for (const { name } of urls) {
      log.info('An integration is ready; the command `urls` prints its URL.', {
        integration: name,
        url: hiddenUrl(this.#config),
      });
    }
    if (!this.#config.tls && !isLoopback(this.#config.endpoint)) {
      log.warn('Listening without TLS where others can reach it: TLS must end in front (proxy, ingress, tunnel).', {
        endpoint: this.#config.endpoint,
      });
    }
  }

  /** Where the door listens; undefined before `start` resolved. */
  get address(): { address: string; port: number } | undefined {
    return this.#server?.address;
  }

  beginShutdown(): void {
    this.#server?.beginShutdown();
  }

  async shutdown(deadline: AbortSignal): Promise<void> {
    await this.#server?.shutdown(deadline);
    this.#refusals.close();
  }

  #route({ app }: HttpServer): void {
    for (const [url, { name, intake }] of this.#intakes) {
      app.post(url, async (request, reply) => {
        try {
          this.#admit(request);
          const text = await intake.take(request.raw, reply.raw);
          if (text !== '') reply.type('application/json');
          return reply.code(200).send(text === '' ? undefined : text);
        } catch (error) {
          return this.#refuse(request, reply, error, { integration: name });
        }
      });
      app.head(url, (request, reply) => {
        try {
          this.#admit(request);
          reply.code(200).send();
        } catch (error) {
          this.#refuse(request, reply, error, { integration: name });
        }
      });
    }
    app.setNotFoundHandler((request, reply) => {
      this.#refuse(request, reply, this.#misrouted(request));
    });
    app.setErrorHandler((error, request, reply) => {
      this.#refuse(request, reply, error);
    });
  }

  #misrouted(request: FastifyRequest): unknown {
    const found = this.#intakes.get(pathOf(request.url));
    if (!found) return new Refusal(404, 'path', 'no integration here', { path: pathExcerpt(request.url) });
    try {
      this.#admit(request);
    } catch (error) {
      return error;
    }
    return new Refusal(405, 'method', 'Intercom posts; nothing else is taken', { method: request.method });
  }

  /** @throws {Refusal} 403 */
  #admit(request: FastifyRequest): void {
    if (this.#allowed.empty) return;
    const client = this.#client(request);
    if (client !== undefined && this.#allowed.has(client)) return;
    throw new Refusal(403, 'forbidden', 'not an address of allow_from', {
      hint: "where this is your proxy's address, add it to trusted_proxies",
    });
  }

  #client({ raw }: FastifyRequest): string | undefined {
    const forwarded = raw.headers['x-forwarded-for'];
    return clientAddress(
      raw.socket.remoteAddress,
      Array.isArray(forwarded) ? forwarded.join() : forwarded,
      this.#trusted,
    );
  }

  #refuse(request: FastifyRequest, reply: FastifyReply, error: unknown, fields: LogFields = {}): FastifyReply {
    const refusal = error instanceof Refusal ? error : this.#unexpected(error);
    const { status, reason, message } = refusal;
    this.#refusals.note({
      status,
      reason,
      message,
      fields: { client: this.#client(request), ...fields, ...refusal.fields },
    });
    if (status === 429 || status === 503) reply.header('retry-after', '60');
    if (status === 405) reply.header('allow', METHODS);
    return reply.code(status).type('text/plain').send(`${message}\n`);
  }

  /** Whatever went wrong on our side: Intercom shall try again for as long as it can. */
  #unexpected(error: unknown): Refusal {
    const { message, statusCode, code } = error as { message?: string; statusCode?: number; code?: string };
    if (code?.startsWith('FST_') && statusCode !== undefined && statusCode < 500) {
      return new Refusal(statusCode === 404 ? 404 : 400, 'malformed', code);
    }
    this.#context.log.error('BUG: A request failed unexpectedly.', { error: message ?? String(error) });
    return new Refusal(429, 'failed', 'the event could not be stored now');
  }
}

/** The path that Fastify's router saw: without origin, query and trailing slash, decoded once. */
function pathOf(target: string): string {
  const path = target
    .replace(/^https?:\/\/[^/]*/i, '')
    .replace(/[?#].*$/s, '')
    .replace(/\/$/, '');
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
