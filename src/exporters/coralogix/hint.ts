import type { Probe } from '../otlp-sender.ts';
import type { CoralogixConfig } from './config.ts';
import { isEmpty } from './coralogix.ts';
import { judgeDomain, REGIONS } from './domain.ts';

/** How keys of persons begin. They may query, and never send. */
const PERSONAL = 'cxup_';

/** What trouble with Coralogix mostly comes from: for `doctor`. */
export function hintOf({ domain, logs, private_link, private_key }: CoralogixConfig, probe: Probe): string | undefined {
  const { outcome } = probe;
  if (outcome.kind === 'delivered' || probe.error?.atProxy) return undefined;
  const { status, code } = outcome.reason;
  const byDomain = isEmpty(logs?.endpoint) && domain !== undefined;
  if (status === 401 || status === 403) {
    if (private_key.reveal().startsWith(PERSONAL)) {
      return `\`private_key\` begins with ${PERSONAL}, as personal keys do: they cannot send. Make a Send-Your-Data API key in Coralogix`;
    }
    const place = byDomain ? `\`domain\` is ${domain}` : `\`logs.endpoint\` leads to ${probe.url.host}`;
    return `\`private_key\` must be a Send-Your-Data API key (no personal or team key) of this very region: ${place}. Compare it with the region of the address at which you open Coralogix`;
  }
  if (code !== 'ENOTFOUND' || !byDomain) return undefined;
  if (private_link)
    return 'names of PrivateLink are known inside of the VPC only: check its DNS, or take out `private_link`';
  if (judgeDomain(domain).kind === 'known') return undefined;
  return `${domain} is no region of Coralogix that this version knows: ${REGIONS.map((one) => one.domain).join(', ')}`;
}
