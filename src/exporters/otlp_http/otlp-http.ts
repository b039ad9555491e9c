import type { ComponentContext, ConfigRemark } from '../../component.ts';
import { checkDelivery } from '../../config/blocks/delivery.ts';
import { checkHttpClient } from '../../net/client-check.ts';
import { endpointFault, withoutCredentials } from '../endpoint.ts';
import { createOtlpSender, type OtlpSender, type SenderDeps } from '../otlp-sender.ts';
import type { OtlpHttpConfig } from './config.ts';

/** Where logs go: `logs_endpoint` as it is, else `endpoint` with /v1/logs after exactly one slash. */
export function logsUrl(config: Pick<OtlpHttpConfig, 'endpoint' | 'logs_endpoint'>): string | undefined {
  if (config.logs_endpoint) return config.logs_endpoint;
  return config.endpoint ? `${config.endpoint}${config.endpoint.endsWith('/') ? '' : '/'}v1/logs` : undefined;
}

export function checkOtlpHttp(config: OtlpHttpConfig): ConfigRemark[] {
  const { traces_endpoint: traces, metrics_endpoint: metrics, profiles_endpoint: profiles } = config;
  return [
    ...checkEndpoint(config, Boolean(traces || metrics || profiles)),
    ...checkHttpClient(config),
    ...checkDelivery(config),
  ];
}

function checkEndpoint(config: OtlpHttpConfig, hasOthers: boolean): ConfigRemark[] {
  const url = logsUrl(config);
  if (!url) {
    const message = hasOthers
      ? 'either endpoint or logs_endpoint must be specified'
      : 'at least one endpoint must be specified';
    return [{ severity: 'error', path: [], message, suggestion: 'endpoint: https://otlp.example.com' }];
  }
  const key = config.logs_endpoint ? 'logs_endpoint' : 'endpoint';
  const fault = endpointFault(url);
  if (fault) return [{ severity: 'error', path: [key], message: `${key} ${fault}` }];
  const remarks: ConfigRemark[] = [];
  const warn = (message: string, suggestion: string) =>
    remarks.push({ severity: 'warning', path: [key], message, suggestion });
  if (key === 'endpoint' && new URL(url).pathname.endsWith('/v1/logs/v1/logs')) {
    warn('/v1/logs is added to `endpoint`, and stands in it already', 'logs_endpoint, or the URL without /v1/logs');
  }
  if (new URL(url).port === '4317') {
    warn('port 4317 is usually that of OTLP over gRPC, and this exporter speaks HTTP', 'port 4318');
  }
  return remarks;
}

/** @throws Error that names the setting, when a header or a proxy is malformed: `checkOtlpHttp` says so before. */
export function createOtlpHttp(config: OtlpHttpConfig, context: ComponentContext, deps?: SenderDeps): OtlpSender {
  const target = logsUrl(config);
  if (!target) throw new Error('BUG: otlp_http without an endpoint passed the check of the configuration');
  const { url, headers } = withoutCredentials(target);
  // Credentials in the URL stand behind a header that says the same.
  const client = { ...config, headers: { ...headers, ...lowerCased(config.headers) } };
  return createOtlpSender({ url, encoding: config.encoding, client, outcomes: config.outcomes }, context, deps);
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
