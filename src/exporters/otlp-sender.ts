/** The way of a batch to an OTLP/HTTP backend: encode, compress, post, classify. What `coralogix` and `otlp_http` share. */
import type { ComponentContext, Exporter } from '../component.ts';
import { createHttpClient, type HttpClient, type HttpClientConfig, type HttpClientDeps } from '../net/client.ts';
import { RequestError } from '../net/client-error.ts';
import { checkedHeaders } from '../net/client-headers.ts';
import type { HttpResponse } from '../net/client-message.ts';
import { compress, contentEncoding } from '../net/compression.ts';
import {
  type AnswerContext,
  type BackendAdvice,
  classifyAnswer,
  classifyError,
  type StatusOutcomes,
} from './answer.ts';
import { ENCODINGS, type ResourceMapping, readErrorText, readPartialSuccess, weighing } from './otlp-encoding.ts';
import type { Outcome } from './outcome.ts';

export interface OtlpSenderOptions {
  readonly url: URL;
  readonly encoding: 'proto' | 'json';
  readonly client: HttpClientConfig;
  /** Headers of the exporter's own making, such as a key: they win over those of `client`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly resource?: ResourceMapping;
  readonly advice?: BackendAdvice;
  /** A lone record with more bytes than this is not sent: the outcome is `split`. */
  readonly maxRecordBytes?: number;
  readonly outcomes?: StatusOutcomes;
}

/** The parts of the process that a sender touches. */
export type SenderDeps = Pick<HttpClientDeps, 'environment' | 'connect' | 'readFile'>;

/** Longest message of a partial success that is passed on. */
const MAX_MESSAGE = 1024;

/** @throws Error that names the setting, never its value, when a header or a proxy is malformed. */
export function createOtlpSender(
  options: OtlpSenderOptions,
  context: ComponentContext,
  deps: SenderDeps = { environment: process.env },
): Exporter {
  const headers: Record<string, string> = {
    'user-agent': `intercom-otel-agent/${context.version}`,
    ...checkedHeaders(options.client.headers),
    ...checkedHeaders(options.headers ?? {}),
  };
  const { auth: named } = options.client;
  const auth = named && context.authenticators.client(named.authenticator);
  const client = createHttpClient(
    { ...options.client, headers },
    { clock: context.clock, log: context.log, auth, ...deps },
  );
  const encoding = ENCODINGS[options.encoding];
  const weigh = weighing(encoding, options.resource);
  const limit = options.maxRecordBytes ?? Number.POSITIVE_INFINITY;

  return {
    start: () => client.start(),
    shutdown: async () => client.shutdown(),
    weigh,
    async send({ records }, signal) {
      const [first] = records;
      if (!first) return { kind: 'delivered' };
      if (records.length === 1 && weigh(first) > limit) {
        const summary = `a record of ${weigh(first)} bytes is larger than the ${limit} that ${options.url.host} takes`;
        return { kind: 'split', reason: { summary } };
      }
      const body = encoding.encode(records, { resource: options.resource });
      const outcome = await post(client, options, encoding.contentType, body, signal, {
        ...answerContextOf(options, secretsOf({ ...headers, ...auth?.headers() })),
        now: context.clock.now(),
      });
      return outcome.kind === 'delivered' && outcome.rejected
        ? { ...outcome, rejected: Math.min(outcome.rejected, records.length) }
        : outcome;
    },
  };
}

async function post(
  client: HttpClient,
  { url, client: { compression, compression_params: params } }: OtlpSenderOptions,
  contentType: string,
  plain: Uint8Array,
  signal: AbortSignal,
  context: AnswerContext,
): Promise<Outcome> {
  const body = await compress(plain, compression, params.level);
  const coding = contentEncoding(compression);
  const headers = { 'content-type': contentType, ...(coding && { 'content-encoding': coding }) };
  let response: HttpResponse;
  try {
    response = await client.request({ method: 'POST', url, headers, body, signal });
  } catch (error) {
    if (error instanceof RequestError) return classifyError(error, context);
    throw error;
  }
  return classifyAnswer(response, context);
}

function answerContextOf(options: OtlpSenderOptions, secrets: readonly string[]): Omit<AnswerContext, 'now'> {
  const scrub = (text: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '[REDACTED]'), text);
  return {
    host: options.url.host,
    advice: options.advice,
    outcomes: options.outcomes,
    errorText: (body, contentType) => scrub(readErrorText(body, contentType)),
    partialSuccess: (body, contentType) => {
      const partial = readPartialSuccess(body, contentType);
      return partial && { ...partial, message: scrub(partial.message).slice(0, MAX_MESSAGE) };
    },
  };
}

/** What a backend might echo: every header's value, and the part after a scheme such as `Bearer`. Longest first. */
function secretsOf(headers: Readonly<Record<string, string>>): string[] {
  const { 'user-agent': _, ...secret } = headers;
  const values = Object.values(secret).flatMap((value) => [value, ...value.split(/\s+/)]);
  return [...new Set(values.filter((value) => value.length >= 8))].sort((a, b) => b.length - a.length);
}
