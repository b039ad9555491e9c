/** What the answer at an integration's URL means, for a person. */
import { STATUS_CODES } from 'node:http';
import { ruleForCode } from '../exporters/answer-table.ts';
import type { Finding } from '../telemetry/finding.ts';
import { printable } from '../telemetry/writer.ts';
import type { Knocked } from './knock.ts';

/** An answer, and what the agent that runs here counted meanwhile. */
export interface Seen extends Knocked {
  readonly growth: {
    readonly accepted: number;
    readonly signature: number;
    readonly path: number;
    readonly forbidden: number;
    readonly unauthorized: number;
  };
}

export interface Step {
  /** `forged`: a POST with a wrong signature; `signed`: with the right one. */
  readonly step: 'head' | 'forged' | 'signed';
  readonly url: URL;
  /** It is not the door on this machine. */
  readonly isPublic: boolean;
  /** What the door on this machine says to the same: to the `signed` ping, or to a HEAD. */
  readonly here?: Knocked;
}

/** Enough of a URL to recognise it: its path is worth keeping to oneself. */
export function hiddenUrl({ protocol, host }: URL): string {
  return `${protocol}//${host}/…`;
}

/** @param seen not what it should be */
export function explainUrl(seen: Seen, step: Step): Finding {
  const { message, advice } = seen.status === undefined ? unanswered(seen, step) : answered(seen, seen.status, step);
  return { severity: 'error', message: `${hiddenUrl(step.url)} ${message}`, ...(advice && { advice }) };
}

interface Words {
  readonly message: string;
  readonly advice?: string;
}

const CERTIFICATE = 'Intercom takes valid certificates of public authorities only: renew it, or mend its chain';

const BY_CODE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'check the spelling of `public_url`, and its DNS entry',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate must have the name that stands in `public_url`',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what listens there speaks no TLS: Intercom wants HTTPS, so TLS must end in front',
  TIMEOUT: 'Intercom gives up after 5 s as well: look at what is in front of the agent, and at firewalls',
};

function unanswered({ code = '', atProxy }: Seen, step: Step): Words {
  const { what } = ruleForCode(code);
  if (atProxy) {
    const advice = 'check HTTPS_PROXY, HTTP_PROXY and NO_PROXY; Intercom itself does not come through it';
    return { message: `could not be asked from here, because of the proxy: ${what} (${code})`, advice };
  }
  const isCertificate = /CERT|SIGN|ISSUER/.test(code);
  const advice = BY_CODE[code] ?? (isCertificate ? CERTIFICATE : step.isPublic ? inFront(step) : AT_DOOR);
  return { message: `is not reached: ${what} (${code})`, advice };
}

const AT_DOOR =
  'the running agent does not listen there: it was drained, or was started with another configuration and has not reloaded this one';

/** Where to look when the public URL fails: in front of the door, or at it. */
function inFront({ here }: Step): string {
  if (here === undefined) return 'look at what is in front of the agent: tunnel, proxy, load balancer, DNS';
  if (here.status === undefined) return AT_DOOR;
  return `the door itself answers ${here.status} on this machine: look at what is in front of it (tunnel, proxy, load balancer, DNS)`;
}

function answered(seen: Seen, status: number, step: Step): Words {
  const { growth } = seen;
  const said = `answered ${status}${STATUS_CODES[status] ? ` ${STATUS_CODES[status]}` : ''}`;
  const toWhat = { head: 'HEAD', forged: 'a ping with a wrong signature', signed: 'a signed ping' }[step.step];
  const message = `${said} to ${toWhat}`;
  if (status >= 300 && status < 400) {
    const advice = 'Intercom follows no redirects: write the final address into `public_url`, and into Intercom';
    return { message: `${said}${redirect(seen.location, step.url)}`, advice };
  }
  if (growth.forbidden > 0) {
    const advice =
      'Intercom may be let in all the same: see its addresses in `allow_from`; behind a proxy, name that in `trusted_proxies`';
    return {
      message: `${message}: the agent lets in only the addresses of \`allow_from\`, and not this machine`,
      advice,
    };
  }
  if (growth.unauthorized > 0) {
    const advice = 'Intercom sends no credentials: a proxy in front must add them, or remove `auth`';
    return { message: `${message}: the door of the agent wants credentials (\`auth\`)`, advice };
  }
  if (growth.path > 0)
    return { message: `${message}: it leads to this agent, at a path of no integration`, advice: atPath(step) };
  if (step.step === 'signed') return afterPing(seen, status, message, step);
  if (step.step === 'forged' && status >= 200 && status < 300) {
    return growth.accepted > 0
      ? {
          message: `${message}, and stored it: the running agent does not check signatures here`,
          advice: 'it runs with another configuration (`signature: none`): reload it, or restart it',
        }
      : { message: `${message}: it is not this agent that answers there`, advice: elsewhere('says yes to everything') };
  }
  if (step.step === 'forged' && status === 401 && growth.signature === 0) {
    const advice =
      'it leads to another agent, or to something that wants a log-in. With several replicas behind one URL, ask on each of them';
    return { message: `${message}, but not this agent: it has counted no refusal`, advice };
  }
  return { message, advice: byStatus(status, step) };
}

function afterPing({ growth }: Seen, status: number, message: string, { here, ...step }: Step): Words {
  if (status === 200) {
    return { message: `${message}, but this agent has not got it`, advice: elsewhere('answers in its place') };
  }
  if (status === 401 && growth.signature > 0) {
    if (here?.status === 200) {
      const changed = `${message}: something on the way changes the body, or the header X-Hub-Signature; at the door itself the same ping is taken`;
      return { message: changed, advice: UNTOUCHED };
    }
    const advice = `reload it, or restart it, so that it has the present \`client_secret\`${here || !step.isPublic ? '' : `; or else ${UNTOUCHED}`}`;
    return { message: `${message}: the running agent has another secret than this configuration`, advice };
  }
  return { message, advice: byStatus(status, step) };
}

const UNTOUCHED = 'switch off what rewrites bodies in the proxy: decompression, character sets, inspection (WAF)';

function atPath({ here, isPublic }: Step): string {
  return isPublic && here?.status === 200
    ? 'something on the way changes the path: the proxy must pass it on as it is, or without the prefix that `public_url` has'
    : 'the running agent has another configuration, or another key of URLs: reload it, and compare with `urls`';
}

const elsewhere = (what: string) =>
  `another server ${what}: check DNS, and where the proxy or tunnel leads. With several replicas behind one URL, ask on each of them`;

function byStatus(status: number, step: Step): string {
  if (status === 401) return 'something in front of the agent wants a log-in; Intercom has none';
  if (status === 403)
    return 'something in front of the agent (a firewall, a WAF) refuses: Intercom must be let through';
  if (status === 404) return `the request does not reach this agent; ${inFront(step)}`;
  if (status === 405) return 'something in front refuses the method: HEAD and POST must be passed on';
  if (status === 413) return 'something in front limits the size of bodies: notifications may have some MiB';
  if (status === 429) return 'it can store nothing now: the log and the health page of the agent say why';
  if (status === 502 || status === 503 || status === 504)
    return `what is in front does not reach the agent; ${inFront(step)}`;
  return inFront(step);
}

/** Without the query; the path is shown where it is another one. */
function redirect(location: string | undefined, from: URL): string {
  if (location === undefined || !URL.canParse(location, from.href)) return ', a redirect';
  const { protocol, host, pathname } = new URL(location, from.href);
  const path = pathname.includes(from.pathname) ? '/…' : pathname.slice(0, 200);
  return `, a redirect to ${printable(`${protocol}//${host}${path}`)}`;
}
