import type { HttpResponse } from './client-message.ts';

/**
 * How far a failed request got.
 * - `connect`: the request had not left whole, so the backend cannot have acted on it.
 * - `sent`: every byte was handed to the operating system; whether the backend acted on it is unknown.
 */
export type Phase = 'connect' | 'sent';

/** Codes of our own beside those of Node.js (ECONNREFUSED, CERT_HAS_EXPIRED, HPE_INVALID_CONSTANT ...). */
export type OwnCode =
  /** The attempt's time was up. */
  | 'TIMEOUT'
  /** The caller's signal, or the client's shutdown, ended it. */
  | 'ABORTED'
  /** The proxy answered CONNECT with something else than 200: see `proxyStatus`. */
  | 'PROXY_ANSWER';

/** Why there is no (whole) answer. The message holds no header, credential or body. */
export class RequestError extends Error {
  readonly phase: Phase;
  readonly code: OwnCode | (string & {});
  /** The proxy failed, not the backend. */
  readonly atProxy: boolean;
  readonly proxyStatus?: number;
  /** What had arrived when the answer broke off. */
  readonly response?: HttpResponse;

  constructor(
    message: string,
    details: {
      phase: Phase;
      code: string;
      atProxy?: boolean;
      proxyStatus?: number;
      response?: HttpResponse;
      cause?: unknown;
    },
  ) {
    super(message, { cause: details.cause });
    this.name = 'RequestError';
    this.phase = details.phase;
    this.code = details.code;
    this.atProxy = details.atProxy ?? false;
    this.proxyStatus = details.proxyStatus;
    this.response = details.response;
  }
}

/** The proxy would not open a tunnel, or could not be reached for one. */
export class ProxyError extends Error {
  readonly code: string;
  readonly status?: number;
  constructor(message: string, details: { code: string; status?: number; cause?: unknown }) {
    super(message, { cause: details.cause });
    this.name = 'ProxyError';
    this.code = details.code;
    this.status = details.status;
  }
}
