/** What backends want beyond an endpoint, by their hosts: for explanations. */

export interface KnownBackend {
  readonly name: string;
  readonly hosts: RegExp;
  /** The header that says who sends. */
  readonly header: string;
  /** What is usually wrong when it is refused. */
  readonly advice: string;
}

const KNOWN: readonly KnownBackend[] = [
  {
    name: 'Coralogix',
    hosts: /(?:^|\.)(?:coralogix\.(?:com|us|in)|coralogixsg\.com)$/,
    header: 'authorization',
    advice:
      'it must be `Bearer` and a Send-Your-Data API key of the region that the host names; personal and team keys do not work',
  },
  {
    name: 'Grafana Cloud',
    hosts: /\.grafana\.net$/,
    header: 'authorization',
    advice:
      'it must be Basic: the user is the instance id (a number), the password a token with the scope logs:write; the zone in the host must be the one of the stack',
  },
  {
    name: 'Datadog',
    hosts: /(?:^|\.)(?:datadoghq\.(?:com|eu)|ddog-gov\.com)$/,
    header: 'dd-api-key',
    advice: 'it must be an API key (not an application key) of the site that the host names',
  },
  {
    name: 'New Relic',
    hosts: /\.nr-data\.net$/,
    header: 'api-key',
    advice:
      'it must be a license key (of the kind "ingest") of the region that the host names: otlp.eu01.nr-data.net for Europe',
  },
  {
    name: 'Honeycomb',
    hosts: /(?:^|\.)honeycomb\.io$/,
    header: 'x-honeycomb-team',
    advice: 'it must be an ingest key of the region that the host names: api.eu1.honeycomb.io for Europe',
  },
  {
    name: 'Dash0',
    hosts: /(?:^|\.)dash0\.com$/,
    header: 'authorization',
    advice:
      'it must be `Bearer` and a token that may ingest; one that is limited to a dataset wants the header Dash0-Dataset as well',
  },
  {
    name: 'Axiom',
    hosts: /(?:^|\.)axiom\.co$/,
    header: 'x-axiom-dataset',
    advice: 'the token must be allowed to ingest into the dataset that x-axiom-dataset names',
  },
  {
    name: 'Better Stack',
    hosts: /(?:^|\.)betterstackdata\.com$/,
    header: 'authorization',
    advice: 'it must be `Bearer` and the token of the source that the host belongs to',
  },
  {
    name: 'SigNoz Cloud',
    hosts: /(?:^|\.)signoz\.cloud$/,
    header: 'signoz-ingestion-key',
    advice: 'it must be an ingestion key of the region that the host names',
  },
  {
    name: 'Elastic Cloud',
    hosts: /(?:^|\.)elastic(?:-cloud\.com|\.cloud|\.co)$/,
    header: 'authorization',
    advice: 'it must be `ApiKey` and a key, not `Bearer`',
  },
  {
    name: 'Dynatrace',
    hosts: /(?:^|\.)dynatrace\.com$/,
    header: 'authorization',
    advice: 'it must be `Api-Token` and a token with the scope logs.ingest; the path before /v1/logs is /api/v2/otlp',
  },
  {
    name: 'Logfire',
    hosts: /(?:^|\.)pydantic\.dev$/,
    header: 'authorization',
    advice: 'it must be the write token alone, without `Bearer`, of the region that the host names',
  },
];

export function knownBackend({ hostname }: URL): KnownBackend | undefined {
  return KNOWN.find(({ hosts }) => hosts.test(hostname));
}
