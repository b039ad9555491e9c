/** What a probe of an OTLP backend means, for a person: one sentence, and what to do. */
import type { Finding } from '../telemetry/finding.ts';
import { printable } from '../telemetry/writer.ts';
import { knownBackend } from './known-backends.ts';
import type { Probe } from './otlp-sender.ts';
import type { Reason } from './outcome.ts';

/** Clocks that are further apart than this are told. */
const SKEW_MS = 60_000;
/** Most of a backend's own words that is shown. */
const EXCERPT = 200;

/** Better advice than the general one, of an exporter that knows its backend. */
export type Hint = (probe: Probe) => string | undefined;

/** What is wrong; undefined when the request was taken. */
export function explainTrouble(probe: Probe, hint: Hint): Finding | undefined {
  const { outcome, answer } = probe;
  if (outcome.kind === 'delivered') return undefined;
  const { reason } = outcome;
  // What the backend says of this moment only passes by itself.
  const severity = outcome.kind === 'retry' && answer ? 'warning' : 'error';
  const advice = hint(probe) ?? adviceOn(probe, reason);
  return { severity, message: messageOf(probe, reason), ...(advice && { advice }) };
}

/** What a request that was taken leaves to say, if anything. */
export function explainAnswer({ outcome, answer, url }: Probe, records: number): Finding[] {
  if (outcome.kind !== 'delivered' || !answer) return [];
  const { rejected = 0, message = '' } = outcome;
  const said = message && `: "${excerptOf(message)}"`;
  if (rejected > 0 && records > 0) {
    return [
      {
        severity: 'error',
        message: `${url.host} answered ${answer.status} and refused the test record in a partial success${said}`,
        advice:
          'the credentials are right, but records like this one are not stored: look for limits of the backend (age, attributes, size)',
      },
    ];
  }
  if (message) return [{ severity: 'warning', message: `${url.host} takes records and warns${said}` }];
  if (answer.isOtlp) return [];
  const advice = 'is this an OTLP endpoint? A proxy or another service may be answering in its place';
  const text = `${url.host} answered ${answer.status}, but not as OTLP does${quoted(answer.text)}`;
  return [{ severity: 'warning', message: text, advice }];
}

/** Whether the clock of this machine and that of the backend differ. */
export function explainClock({ answer, at, ms, url }: Probe): Finding | undefined {
  const date = Date.parse(answer?.headers.date ?? '');
  if (Number.isNaN(date)) return undefined;
  // It was written somewhere between the request and now.
  const difference = at - ms / 2 - date;
  if (Math.abs(difference) <= SKEW_MS) return undefined;
  const seconds = Math.round(Math.abs(difference) / 1000);
  const apart = seconds < 7200 ? `${seconds} s` : `${Math.round(seconds / 3600)} h`;
  return {
    severity: 'warning',
    message: `the clock of this machine is ${apart} ${difference > 0 ? 'ahead of' : 'behind'} that of ${url.host}`,
    advice: 'set it by NTP: backends refuse or hide records whose time is too far from theirs',
  };
}

function messageOf({ url, answer, error }: Probe, { summary, status, code }: Reason): string {
  if (error && (code === 'TIMEOUT' || code === 'ABORTED') && !error.atProxy) {
    return error.phase === 'sent'
      ? `${url.host} took the request and gave no answer in time (TIMEOUT)`
      : `${url.host}: no connection in time (TIMEOUT)`;
  }
  if (!answer || error?.atProxy) return summary;
  const isRedirect = status !== undefined && status >= 300 && status < 400;
  return `${summary}${isRedirect ? redirectOf(answer.headers.location, url) : quoted(answer.text)}`;
}

/** Without the query, which may hold anything. */
function redirectOf(location: string | undefined, from: URL): string {
  if (location === undefined || !URL.canParse(location, from.href)) return '';
  const { protocol, host, pathname } = new URL(location, from.href);
  // A path that is ours may have a key in it.
  const path = pathname === from.pathname ? '/… (the same path)' : pathname.slice(0, EXCERPT);
  return `, a redirect to ${printable(`${protocol}//${host}${path}`)}`;
}

function adviceOn(probe: Probe, reason: Reason): string | undefined {
  const { answer, error, url } = probe;
  const { code, status } = reason;
  if (error && !answer) return adviceOnFailure(probe, code ?? '') ?? reason.advice;
  if (/plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server/i.test(answer?.text ?? '')) {
    return SPEAKS_TLS;
  }
  if (status === undefined) return reason.advice;
  if (status === 401 || status === 403) return adviceOnCredentials(probe) ?? reason.advice;
  if ((status === 404 || status === 405) && /\/v1\/logs\/+v1\/logs$/.test(url.pathname)) {
    return 'the path ends with /v1/logs twice: `endpoint` is the base, to which /v1/logs is added; take it out, or write `logs_endpoint`';
  }
  if (status === 404 && /\/v1\/logs$/.test(url.pathname)) {
    return `${reason.advice}. Many backends have a path before it: /otlp for Loki and Grafana, /api/v2/otlp for Dynatrace, /insert/opentelemetry for VictoriaLogs`;
  }
  if (status === 429 && !reason.advice) {
    return 'the backend limits the rate: the agent waits and tries again by itself. If it lasts, ask for a higher limit';
  }
  if (status >= 500 && !reason.advice) {
    return 'the backend, or a load balancer before it, is in trouble: nothing is to be changed here, the agent tries again by itself';
  }
  return missingHeader(probe) ?? reason.advice;
}

export const SPEAKS_TLS = 'this port speaks TLS: write https:// instead of http:// in the endpoint';

function adviceOnFailure({ error }: Probe, code: string): string | undefined {
  if (error?.atProxy) return undefined;
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return 'what listens there speaks no TLS: write http:// instead of https:// in the endpoint, or the port that has TLS';
  }
  if (code !== 'TIMEOUT' && code !== 'ABORTED' && code !== 'ETIMEDOUT') return undefined;
  return error?.phase === 'sent'
    ? 'it is overloaded, or something else than OTLP/HTTP listens there; if it is only slow, raise `timeout`'
    : 'check host and port, and firewalls between here and there; where only a proxy leads out, set `proxy_url` or HTTPS_PROXY';
}

function adviceOnCredentials(probe: Probe): string | undefined {
  const missing = missingHeader(probe);
  if (missing) return missing;
  const known = knownBackend(probe.url);
  if (known) return `${known.name} does not take what \`${known.header}\` says: ${known.advice}`;
  const isCredential = (name: string) => /authorization|key|token|secret|team|cookie/.test(name);
  if (probe.sent.some(isCredential)) return undefined;
  return 'the request carried no credentials at all: neither `headers` nor `auth` of this exporter has any';
}

function missingHeader({ answer, sent, url }: Probe): string | undefined {
  const known = knownBackend(url);
  if (known && !sent.includes(known.header)) {
    return `${known.name} wants the header \`${known.header}\`, which \`headers\` has not got: ${known.advice}`;
  }
  if (/no org id|x-scope-orgid|missing tenant/i.test(answer?.text ?? '') && !sent.includes('x-scope-orgid')) {
    return 'the backend serves several tenants and is not told which: add `X-Scope-OrgID` with the name of the tenant to `headers`';
  }
  return undefined;
}

/** In quotation marks, behind a sentence. */
function quoted(text: string): string {
  const shown = excerptOf(text);
  return shown === '' ? '' : `; it says "${shown}"`;
}

function excerptOf(text: string): string {
  const isHtml = /^\s*(?:<!doctype html|<html|<\?xml)/i.test(text);
  const title = isHtml ? /<title[^>]{0,100}>([^<]{0,500})/i.exec(text.slice(0, 4096))?.[1] : undefined;
  const line = (isHtml ? (title ?? '') : text).replace(/\s+/g, ' ').trim();
  // What is no text at all, a protobuf message for example, says nothing to anybody.
  if (line.includes('\ufffd') || line.includes('\0')) return '';
  return printable(line.length > EXCERPT ? `${line.slice(0, EXCERPT)}...` : line);
}
