/** The way of a batch to an OTLP/HTTP backend: encode, compress, post, classify. What `coralogix` and `otlp_http` share. */
import type { ComponentContext, Exporter } from '../component.ts';
import { createHttpClient, type HttpClient, type HttpClientConfig, type HttpClientDeps } from '../net/client.ts';
import { RequestError } from '../net/client-error.ts';
import { checkedHeaders } from '../net/client-headers.ts';
import type { HttpResponse } from '../net/client-message.ts';
import { compress, contentEncoding } from '../net/compression.ts';
import type { LogRecord } from '../record/log-record.ts';
import type { OtlpEncodingName } from '../record/otlp/encoders.ts';
import {
  type AnswerContext,
  type BackendAdvice,
  classifyAnswer,
  classifyError,
  type StatusOutcomes,
} from './answer.ts';
import {
  ENCODINGS,
  isLogsResponse,
  type ResourceMapping,
  readErrorText,
  readPartialSuccess,
  weighing,
} from './otlp-encoding.ts';
import type { Outcome } from './outcome.ts';

export interface OtlpSenderOptions {
  readonly url: URL;
  readonly encoding: OtlpEncodingName;
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

/** An exporter that can also be asked what it sees: for `doctor`. */
export interface OtlpSender extends Exporter {
  /** One attempt as `send`, and with no records a request all the same. */
  probe(records: readonly LogRecord[], signal: AbortSignal): Promise<Probe>;
}

/** One attempt as seen from here. */
export interface Probe {
  readonly outcome: Outcome;
  /** May have a key in its path or query. */
  readonly url: URL;
  /** Names of the request's headers, in lower case: those of the configuration and of the authenticator. */
  readonly sent: readonly string[];
  /** Milliseconds, from the request to the end of the answer or the failure. */
  readonly ms: number;
  /** Wall clock at that end, milliseconds since the epoch. */
  readonly at: number;
  /** As far as there was one. Untrusted. */
  readonly answer?: ProbeAnswer;
  /** Why there was none, or no whole one. */
  readonly error?: RequestError;
}

export interface ProbeAnswer {
  readonly status: number;
  readonly headers: HttpResponse['headers'];
  /** The body in words, known secrets removed: at most 64 KiB. */
  readonly text: string;
  /** Its body is what OTLP says of a success. */
  readonly isOtlp: boolean;
}

/** Longest message of a partial success that is passed on. */
const MAX_MESSAGE = 1024;

/** @throws Error that names the setting, never its value, when a header or a proxy is malformed. */
export function createOtlpSender(
  options: OtlpSenderOptions,
  context: ComponentContext,
  deps: SenderDeps = { environment: process.env },
): OtlpSender {
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

  const attempt = async (records: readonly LogRecord[], signal: AbortSignal, known: AnswerContext) => {
    const body = encoding.encode(records, { resource: options.resource });
    const { length } = records;
    const exchange = await post(client, options, encoding.contentType, body, signal);
    const outcome = classify(exchange, known);
    return {
      exchange,
      outcome:
        outcome.kind === 'delivered' && outcome.rejected
          ? { ...outcome, rejected: Math.min(outcome.rejected, length) }
          : outcome,
    };
  };
  const known = (more: readonly string[] = []) => ({
    ...answerContextOf(options, [...secretsOf({ ...headers, ...auth?.headers() }), ...more]),
    now: context.clock.now(),
  });

  return {
    start: () => client.start(),
    shutdown: async () => client.shutdown(),
    weigh,
    encoding: options.encoding,
    async send({ records }, signal) {
      const [first] = records;
      if (!first) return { kind: 'delivered' };
      if (records.length === 1 && weigh(first) > limit) {
        const summary = `a record of ${weigh(first)} bytes is larger than the ${limit} that ${options.url.host} takes`;
        return { kind: 'split', reason: { summary } };
      }
      return (await attempt(records, signal, known())).outcome;
    },
    async probe(records, signal) {
      const { clock } = context;
      const { url } = options;
      const sent = Object.keys({ ...headers, ...auth?.headers() });
      const answerContext = known(secretsIn(url));
      const began = clock.monotonic();
      const { exchange, outcome } = await attempt(records, signal, answerContext);
      const { response, error } = exchange;
      const seen = { outcome, url, sent, ms: clock.monotonic() - began, at: clock.now(), ...(error && { error }) };
      return response ? { ...seen, answer: answerOf(response, answerContext) } : seen;
    },
  };
}

/** What came of a request. An answer that broke off is there beside the error. */
interface Exchange {
  readonly response?: HttpResponse;
  readonly error?: RequestError;
}

function classify({ response, error }: Exchange, context: AnswerContext): Outcome {
  if (error) return classifyError(error, context);
  if (!response) throw new Error('BUG: neither an answer nor an error');
  return classifyAnswer(response, context);
}

function answerOf({ status, headers, body, truncated }: HttpResponse, { errorText }: AnswerContext): ProbeAnswer {
  const contentType = headers['content-type'] ?? '';
  return {
    status,
    headers,
    text: errorText(body, contentType),
    isOtlp: truncated || isLogsResponse(body, contentType),
  };
}

async function post(
  client: HttpClient,
  { url, client: { compression, compression_params: params } }: OtlpSenderOptions,
  contentType: string,
  plain: Uint8Array,
  signal: AbortSignal,
): Promise<Exchange> {
  const body = await compress(plain, compression, params.level);
  const coding = contentEncoding(compression);
  const headers = { 'content-type': contentType, ...(coding && { 'content-encoding': coding }) };
  try {
    return { response: await client.request({ method: 'POST', url, headers, body, signal }) };
  } catch (error) {
    if (error instanceof RequestError) return { error, ...(error.response && { response: error.response }) };
    throw error;
  }
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

/** What may be a key in a URL's path or query, as some backends have it. */
function secretsIn({ pathname, searchParams }: URL): string[] {
  return [...pathname.split('/').filter((part) => part.length >= 16), ...searchParams.values()].filter(
    (value) => value.length >= 8,
  );
}
