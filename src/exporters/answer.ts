import { STATUS_CODES } from 'node:http';
import type { RequestError } from '../net/client-error.ts';
import type { HttpResponse } from '../net/client-message.ts';
import { meansQuota, QUOTA_RULE, ruleForCode, ruleForProxy, ruleForStatus } from './answer-table.ts';
import type { Outcome, Reason } from './outcome.ts';

export interface AnswerContext {
  /** Host and port of the backend, for summaries. Not the whole URL: some backends have a key in the path. */
  readonly host: string;
  /** Wall clock, milliseconds since the epoch: for a Retry-After with a date. */
  readonly now: number;
  /** The partial success in the body of a 2xx; undefined when there is none or the body can't be read. */
  readonly partialSuccess: (body: Uint8Array, contentType: string) => PartialSuccess | undefined;
  /** The body of an error in words, known secrets removed. */
  readonly errorText: (body: Uint8Array, contentType: string) => string;
  /** Better advice than the general one, by status, or for a used-up quota. */
  readonly advice?: BackendAdvice;
  /** What users say that a status means: it wins over everything else. */
  readonly outcomes?: StatusOutcomes;
}

/** By status (`409`) or class (`5xx`). */
export type StatusOutcomes = Readonly<Record<string, Outcome['kind']>>;

export interface PartialSuccess {
  /** Records that the backend refused for good. */
  readonly rejected: number;
  readonly message: string;
}

export type BackendAdvice = Readonly<Partial<Record<number | 'quota', string>>>;

const MAX_RETRY_AFTER_MS = 3_600_000;

/** What a whole HTTP answer means. The summary holds nothing that the backend wrote. */
export function classifyAnswer(response: HttpResponse, context: AnswerContext): Outcome {
  const { status } = response;
  const contentType = response.headers['content-type'] ?? '';
  if (status >= 200 && status < 300) return classifySuccess(response, contentType, context);
  const text = context.errorText(response.body, contentType);
  const wanted = context.outcomes?.[status] ?? context.outcomes?.[`${Math.floor(status / 100)}xx`];
  if (wanted === 'delivered') return { kind: 'delivered' };
  const quota = meansQuota(status, text);
  const rule = quota ? QUOTA_RULE : ruleForStatus(status);
  const kind = wanted ?? rule.kind;
  const advice = (quota ? context.advice?.quota : context.advice?.[status]) ?? rule.advice;
  const reason: Reason = {
    summary: `${describe(status)} from ${context.host}${quota ? ': quota used up' : ''}`,
    status,
    ...(advice && { advice }),
    ...(text && { body: text }),
  };
  if (kind !== 'retry') return { kind, reason };
  const afterMs = parseRetryAfter(response.headers['retry-after'], context.now);
  return { kind: 'retry', reason, ambiguous: isAmbiguous(status), ...(afterMs !== undefined && { afterMs }) };
}

/** What a missing or broken answer means. A status that is not 2xx has said enough, also when its body broke off. */
export function classifyError(error: RequestError, context: AnswerContext): Outcome {
  const { response, code, phase } = error;
  if (response && (response.status < 200 || response.status > 299)) return classifyAnswer(response, context);
  const rule = error.atProxy ? ruleForProxy(code, error.proxyStatus) : ruleForCode(code);
  const reason: Reason = {
    summary: `${error.atProxy ? `proxy for ${context.host}` : context.host}: ${rule.what} (${code})`,
    ...(error.proxyStatus !== undefined && { status: error.proxyStatus }),
    code,
    ...(rule.advice && { advice: rule.advice }),
  };
  return rule.kind === 'hold' ? { kind: 'hold', reason } : { kind: 'retry', reason, ambiguous: phase === 'sent' };
}

function classifySuccess(response: HttpResponse, contentType: string, context: AnswerContext): Outcome {
  const { status, body, truncated } = response;
  if (isHtml(body, contentType)) {
    const summary = `${describe(status)} from ${context.host}, with a web page instead of an OTLP answer`;
    const advice = 'is this an OTLP endpoint? A log-in page or a proxy may be answering in its place';
    return { kind: 'hold', reason: { summary, status, advice, body: context.errorText(body, contentType) } };
  }
  // Cut short or unreadable, it is accepted data all the same.
  const partial = truncated ? undefined : context.partialSuccess(body, contentType);
  if (!partial) return { kind: 'delivered' };
  return {
    kind: 'delivered',
    ...(partial.rejected > 0 && { rejected: partial.rejected }),
    ...(partial.message && { message: partial.message }),
  };
}

function isHtml(body: Buffer, contentType: string): boolean {
  if (body.length === 0) return false;
  if (/^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(contentType)) return true;
  const start = body
    .subarray(0, 256)
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart()
    .toLowerCase();
  return start.startsWith('<!doctype html') || start.startsWith('<html');
}

/** 500, 502 and 504 leave open whether the records were stored; 408, 429 and 503 say that the request was not taken. */
function isAmbiguous(status: number): boolean {
  return status >= 500 && status !== 503;
}

function describe(status: number): string {
  const words = STATUS_CODES[status];
  return words ? `${status} ${words}` : String(status);
}

/**
 * Retry-After as milliseconds from `now`: seconds or an HTTP date, at most an hour. undefined when it is neither, and when it
 * is no wait at all: our own wait counts then, for a backend that says "at once" for ever would be asked without a pause.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  const ms = /^\d{1,10}$/.test(text)
    ? Number(text) * 1000
    : /^[A-Z][a-z]{2,8},? .* GMT$/.test(text)
      ? Date.parse(text) - now
      : NaN;
  return ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined;
}
