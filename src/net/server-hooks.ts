/** What the server block says of every request, whatever its path: headers of answers, CORS, and who may call. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HttpServerOptions } from './server.ts';
import { corsRules } from './server-cors.ts';

/** In the Collector's order, so that a refusal has the headers too, and a browser's preflight needs no credentials. */
export function addHooks(app: FastifyInstance, options: HttpServerOptions): void {
  const { response_headers: headers, cors } = options.config;
  if (Object.keys(headers).length > 0) {
    app.addHook('onRequest', async (_request, reply) => {
      reply.headers(headers);
    });
  }
  if (cors) {
    const rules = corsRules(cors);
    app.addHook('onRequest', async (request, reply) => {
      const { headers, preflight } = rules(request.method, request.headers);
      reply.headers(headers);
      // What Fastify wants of a hook that answered itself.
      return preflight ? reply.code(204).send() : undefined;
    });
  }
  if (options.auth) app.addHook('onRequest', (request, reply) => admit(request, reply, options));
}

async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  { auth, onRefused }: HttpServerOptions,
): Promise<FastifyReply | undefined> {
  const verdict = await auth?.judge(request.raw.headers);
  if (verdict === 'admitted' || !auth) return undefined;
  const [status, text] =
    verdict === 'busy' ? [429, 'too many log-ins at once'] : [401, 'authentication is needed here'];
  onRefused?.('unauthorized', { status, peer: request.socket.remoteAddress, cause: text });
  if (status === 401) reply.header('www-authenticate', auth.challenge);
  else reply.header('retry-after', '60');
  return reply.code(status).type('text/plain').send(`${text}\n`);
}
