import type { ComponentContext } from '../../component.ts';
import { clientTls } from '../../config/blocks/tls.ts';
import type { HttpClientConfig } from '../../net/client.ts';
import type { BackendAdvice } from '../answer.ts';
import { createOtlpSender, type OtlpSender, type SenderDeps } from '../otlp-sender.ts';
import type { CoralogixConfig } from './config.ts';
import { namedResources } from './resource.ts';

/** Coralogix refuses larger requests. */
const MAX_RECORD_BYTES = 10_000_000;

const KEY_ADVICE =
  '`private_key` must be a Send-Your-Data API key of the region that `domain` names; personal and team keys do not work';

const ADVICE: BackendAdvice = {
  401: KEY_ADVICE,
  403: KEY_ADVICE,
  404: 'check `domain`, or `logs.endpoint`: it is the host alone, /v1/logs is added',
  413: 'lower `max_request_bytes`; Coralogix takes at most 10 MB and recommends 2 MB',
  quota: 'the quota of the team is used up: it resets at 00:00 UTC, or raise it; everything is kept and sent then',
};

/** @throws Error that names the setting, when a header or a proxy is malformed: `checkCoralogix` says so before. */
export function createCoralogix(config: CoralogixConfig, context: ComponentContext, deps?: SenderDeps): OtlpSender {
  const target = logsUrl(config);
  if (!target) throw new Error('BUG: coralogix without a domain or endpoint passed the check of the configuration');
  return createOtlpSender(
    {
      url: new URL(target),
      encoding: 'proto',
      client: clientConfig(config),
      headers: { authorization: `Bearer ${config.private_key.reveal()}` },
      resource: namedResources(config),
      advice: ADVICE,
      maxRecordBytes: MAX_RECORD_BYTES,
      outcomes: config.outcomes,
    },
    context,
    deps,
  );
}

/** Where logs go; undefined when neither `domain` nor `logs.endpoint` says it. */
export function logsUrl(config: Pick<CoralogixConfig, 'domain' | 'private_link' | 'logs'>): string | undefined {
  const own = config.logs?.endpoint;
  if (!isEmpty(own)) {
    const base = (/^https?:\/\//i.test(own) ? own : `https://${own}`).replace(/\/+$/, '');
    return base.endsWith('/v1/logs') ? base : `${base}/v1/logs`;
  }
  if (isEmpty(config.domain)) return undefined;
  const link = config.private_link && !config.domain.includes('private.') ? 'private.' : '';
  return `https://ingress.${link}${config.domain}/v1/logs`;
}

/** What the Collector counts as no endpoint: environment variables that are not set leave it behind. */
export function isEmpty(endpoint: string | undefined): endpoint is '' | undefined {
  return endpoint === undefined || endpoint === '' || endpoint === 'https://' || endpoint === 'http://';
}

/** Milliseconds for one attempt. */
export function timeoutOf({ domain_settings: general, logs: own, timeout }: CoralogixConfig): number {
  return own?.timeout ?? general?.timeout ?? timeout;
}

/** `logs` wins over `domain_settings` key by key; their headers are joined. */
function clientConfig(config: CoralogixConfig): HttpClientConfig {
  const { domain_settings: general = {}, logs: own = {} } = config;
  const lowerCased = (headers: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    timeout: timeoutOf(config),
    headers: { ...lowerCased(general.headers), ...lowerCased(own.headers) },
    compression: own.compression ?? general.compression ?? 'gzip',
    compression_params: {},
    tls: own.tls ?? general.tls ?? clientTls.parse({}),
    proxy_url: own.proxy_url ?? general.proxy_url,
    auth: own.auth ?? general.auth,
    max_idle_conns: 100,
    max_idle_conns_per_host: 0,
    max_conns_per_host: 0,
    idle_conn_timeout: 90_000,
    disable_keep_alives: false,
  };
}
