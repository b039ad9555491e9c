import type { ConfigRemark } from '../../component.ts';
import { checkDelivery } from '../../config/blocks/delivery.ts';
import { checkHttpClient } from '../../net/client-check.ts';
import { valueFault } from '../../net/client-headers.ts';
import { endpointFault } from '../endpoint.ts';
import type { CoralogixConfig } from './config.ts';
import { isEmpty, logsUrl } from './coralogix.ts';
import { judgeDomain } from './domain.ts';

type Remark = (path: (string | number)[], message: string, suggestion?: string) => void;

/** What the schema can't say about the block. */
export function checkCoralogix(config: CoralogixConfig): ConfigRemark[] {
  const remarks: ConfigRemark[] = [];
  const remark =
    (severity: 'error' | 'warning'): Remark =>
    (path, message, suggestion) =>
      remarks.push({ severity, path, message, ...(suggestion && { suggestion }) });
  const [error, warn] = [remark('error'), remark('warning')];
  checkTarget(config, error, warn);
  const fault = valueFault(config.private_key.reveal());
  if (fault) error(['private_key'], fault);
  if (config.timeout === 0) error(['timeout'], 'must be greater than 0: an attempt has to end', '30s');
  for (const block of ['domain_settings', 'logs'] as const) {
    remarks.push(...checkHttpClient(config[block] ?? {}, [block]));
  }
  checkWithoutEffect(config, error, warn);
  remarks.push(...checkDelivery(config));
  return remarks;
}

function checkTarget(config: CoralogixConfig, error: Remark, warn: Remark): void {
  const url = logsUrl(config);
  if (url === undefined) {
    const message =
      '`domain` or `traces.endpoint` or `metrics.endpoint` or `logs.endpoint` or `profiles.endpoint` not specified, please fix the configuration';
    error([], message, 'domain: eu2.coralogix.com');
    return;
  }
  if (!isEmpty(config.logs?.endpoint)) {
    const fault = endpointFault(url);
    if (fault) error(['logs', 'endpoint'], `logs.endpoint ${fault}`, 'ingress.eu2.coralogix.com:443');
    return;
  }
  const domain = config.domain ?? '';
  if (judgeDomain(domain).kind === 'unknown') {
    warn(
      ['domain'],
      `${JSON.stringify(domain)} is not a Coralogix domain that this version knows; it is used as it is`,
    );
  }
}

function checkWithoutEffect(config: CoralogixConfig, error: Remark, warn: Remark): void {
  if (config.protocol === 'grpc') {
    warn(['protocol'], 'gRPC is not supported: records go to the same place over HTTP', 'protocol: http');
  }
  const limiter = config.rate_limiter;
  if (!limiter || limiter.enabled === false) return;
  if (limiter.threshold !== undefined && limiter.threshold <= 0) {
    error(['rate_limiter', 'threshold'], '`rate_limiter.threshold` must be greater than 0');
  }
  warn(
    ['rate_limiter'],
    'discards nothing here: when Coralogix refuses (401, 403, quota), the delivery holds and keeps everything',
  );
}
