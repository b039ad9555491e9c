/**
 * What the answers of backends, and their silences, mean: the table of docs/delivery.md as data. `answer.ts` reads it.
 * Nothing here is ever "drop": a `hold` keeps everything and probes, a `retry` comes again by itself.
 */

export interface Rule {
  readonly kind: 'retry' | 'hold' | 'split' | 'reject';
  /** What to do next, for a person; exporters that know their backend better override it by status. */
  readonly advice?: string;
}

/** By HTTP status. 2xx is not here: it depends on the body. */
const BY_STATUS: Readonly<Record<number, Rule>> = {
  401: { kind: 'hold', advice: 'the credentials are missing or wrong: check `headers`, or `auth`, of this exporter' },
  402: { kind: 'hold', advice: 'the account is out of credit or quota: look at its plan or billing' },
  403: {
    kind: 'hold',
    advice: 'the credentials are not allowed to send logs here: check the key, and the region it is for',
  },
  404: {
    kind: 'hold',
    advice: 'there is nothing at this path: check `endpoint` (/v1/logs is added to it) or `logs_endpoint`',
  },
  405: {
    kind: 'hold',
    advice: 'this URL takes no POST: check `endpoint` (/v1/logs is added to it) or `logs_endpoint`',
  },
  407: {
    kind: 'hold',
    advice: 'the proxy wants credentials: put them into `proxy_url` or HTTPS_PROXY (http://user:password@host:port)',
  },
  408: { kind: 'retry' },
  413: { kind: 'split', advice: 'lower `max_request_bytes` to the limit of the backend' },
  415: {
    kind: 'reject',
    advice:
      'the backend does not take this form of request: try the other `encoding` (proto, json) or `compression: none`',
  },
  429: { kind: 'retry' },
};

const BY_CLASS: Readonly<Record<number, Rule>> = {
  3: {
    kind: 'hold',
    advice: 'redirects are not followed, because requests carry credentials: write the final URL as the endpoint',
  },
  4: { kind: 'reject' },
  5: { kind: 'retry' },
};

const NOT_HTTP: Rule = {
  kind: 'hold',
  advice: 'is this an OTLP/HTTP endpoint? Port 4317 usually speaks gRPC, and 4318 HTTP',
};

/** The rule for a status that is not 2xx. */
export function ruleForStatus(status: number): Rule {
  return BY_STATUS[status] ?? BY_CLASS[Math.floor(status / 100)] ?? NOT_HTTP;
}

/**
 * Words of a used-up quota, as backends write them. They turn a 4xx that would be retried or rejected into a hold: waiting
 * seconds does not help, and the records are not to blame. Distances are bounded so that a hostile text costs little.
 */
const QUOTA =
  /\bquotas?\b[^.\n]{0,60}\b(?:exceed|exhaust|reach|used|over|deplet|block|limit)|\b(?:exceed|exhaust|reach|over|out of|used up|deplet|insufficient|daily|monthly)[^.\n]{0,60}\bquotas?\b/i;

/** 413 speaks of this request, 408 of this moment. */
export function meansQuota(status: number, text: string): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 413 && QUOTA.test(text);
}

export const QUOTA_RULE: Rule = {
  kind: 'hold',
  advice: 'the quota is used up: raise it, or wait until it resets; everything is kept and sent then',
};

export interface NetworkRule {
  readonly kind: 'retry' | 'hold';
  /** In words, without the host. */
  readonly what: string;
  readonly advice?: string;
}

const UNTRUSTED: NetworkRule = {
  kind: 'hold',
  what: 'its certificate is signed by nobody that is trusted here',
  advice:
    'set `tls.ca_file` to the CA that signed it (or NODE_EXTRA_CA_CERTS); something on the way may also be opening the traffic',
};

const TLS_REFUSED: NetworkRule = {
  kind: 'hold',
  what: 'TLS could not be agreed on',
  advice:
    'check that the port speaks TLS (else write http://), its TLS version, and whether it wants a client certificate (`tls.cert_file`, `tls.key_file`)',
};

const BY_CODE: Readonly<Record<string, NetworkRule>> = {
  ECONNREFUSED: {
    kind: 'retry',
    what: 'nothing listens there',
    advice: 'check host and port, and that the backend runs',
  },
  ENOTFOUND: {
    kind: 'retry',
    what: 'its name is unknown',
    advice: 'check the spelling of the host, and the DNS of this machine',
  },
  EAI_AGAIN: { kind: 'retry', what: 'its name could not be looked up', advice: 'check the DNS of this machine' },
  ECONNRESET: { kind: 'retry', what: 'the connection broke' },
  EPIPE: { kind: 'retry', what: 'the connection broke' },
  ETIMEDOUT: { kind: 'retry', what: 'no connection in time', advice: 'check firewalls between here and there' },
  TIMEOUT: { kind: 'retry', what: 'no answer in time', advice: 'if it happens often, raise `timeout`' },
  ABORTED: { kind: 'retry', what: 'stopped before it answered' },
  CERT_HAS_EXPIRED: {
    kind: 'hold',
    what: 'its certificate has expired',
    advice: 'renew it, and check the clock of this machine',
  },
  CERT_NOT_YET_VALID: {
    kind: 'hold',
    what: 'its certificate is not valid yet',
    advice: 'check the clock of this machine',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    kind: 'hold',
    what: 'its certificate is for another name',
    advice: 'check the host of the endpoint, or set `tls.server_name_override`',
  },
  CERT_REVOKED: { kind: 'hold', what: 'its certificate was revoked', advice: 'the backend needs a new one' },
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_UNTRUSTED: UNTRUSTED,
  CERT_REJECTED: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_CHAIN_TOO_LONG: UNTRUSTED,
  INVALID_CA: UNTRUSTED,
  INVALID_PURPOSE: UNTRUSTED,
  PATH_LENGTH_EXCEEDED: UNTRUSTED,
  HOSTNAME_MISMATCH: UNTRUSTED,
  // What OpenSSL's "wrong version number" and its like become.
  EPROTO: TLS_REFUSED,
};

/** The rule for a code of Node.js or of `RequestError`. What is not known is trouble that passes. */
export function ruleForCode(code: string): NetworkRule {
  if (Object.hasOwn(BY_CODE, code)) return BY_CODE[code] as NetworkRule;
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return TLS_REFUSED;
  if (code.startsWith('HPE_')) return { kind: 'hold', what: 'it does not speak HTTP/1.1', advice: NOT_HTTP.advice };
  return { kind: 'retry', what: 'the network failed' };
}

const PROXY_ADVICE = 'check `proxy_url`, or HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment';

/** The rule for trouble at the proxy. 5xx of a proxy, resets and silences speak of what lies behind it, and pass. */
export function ruleForProxy(code: string, status: number | undefined): NetworkRule {
  if (status === 407) return { kind: 'hold', what: 'it wants credentials', advice: (BY_STATUS[407] as Rule).advice };
  if (status !== undefined) {
    const passes = status >= 500 || status === 429 || status === 408;
    return { kind: passes ? 'retry' : 'hold', what: `it answered CONNECT with ${status}`, advice: PROXY_ADVICE };
  }
  const { what } = ruleForCode(code);
  const passes = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN'].includes(code);
  return { kind: passes ? 'retry' : 'hold', what, advice: PROXY_ADVICE };
}
