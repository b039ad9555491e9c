/** The configuration that `init` writes: complete, commented, and valid once the variables in it are set. */

export const DESTINATIONS = ['coralogix', 'otlp', 'several', 'collector'] as const;
export type Destination = (typeof DESTINATIONS)[number];

export interface Wishes {
  readonly to: Destination;
  /** Names of the application and the subsystem that the events belong to. */
  readonly application: string;
  readonly subsystem: string;
  /** Of Coralogix. */
  readonly domain: string;
  /** Of an OTLP backend, or of the Collector. */
  readonly endpoint: string;
  /** The HTTPS address of this agent as Intercom reaches it, if that is known. */
  readonly publicUrl?: string;
}

export const DEFAULTS = {
  application: 'acme',
  subsystem: 'support',
  domain: 'eu2.coralogix.com',
  endpoints: {
    otlp: 'https://otlp.example.com',
    several: 'https://otlp.example.com',
    collector: 'http://localhost:4318',
  },
} as const;

export function startingConfiguration(wishes: Wishes): string {
  const exporters = exportersFor(wishes);
  return `# Intercom webhooks as OpenTelemetry logs. Every key: docs/configuration.md. Check it with
#   intercom-otel-agent validate --config agent.yaml
# Set in the environment where the agent starts: ${variables(wishes).join(', ')}.
receivers:
  intercom:
    endpoint: localhost:8080   # behind a proxy or tunnel that speaks HTTPS; 0.0.0.0:8080 in a container
${publicUrl(wishes)}
    integrations:              # one for each Intercom app
      - name: ${text(wishes.subsystem)}
        client_secret: \${env:INTERCOM_CLIENT_SECRET}   # "Client secret" in the app's Basic information
        application_name: ${text(wishes.application)}
        subsystem_name: ${text(wishes.subsystem)}

exporters:
${exporters.map(({ yaml }) => yaml).join('\n')}
extensions:
  health_check:                # http://localhost:13133 says how it is
  file_storage:
    directory: ./data          # what was answered 200 is here until every exporter has it

service:
  extensions: [health_check, file_storage]
  pipelines:
    logs:
      receivers: [intercom]
      processors: []
      exporters: [${exporters.map(({ id }) => id).join(', ')}]
`;
}

/** Environment variables that it refers to. */
export function variables(wishes: Wishes): string[] {
  const ofExporters = exportersFor(wishes).flatMap(({ variable }) => variable ?? []);
  return ['INTERCOM_CLIENT_SECRET', ...ofExporters];
}

function publicUrl({ publicUrl }: Wishes): string {
  return publicUrl === undefined
    ? '    # public_url: https://hooks.example.com   # what Intercom reaches; `urls` then prints the URLs to paste'
    : `    public_url: ${text(publicUrl)}   # what Intercom reaches; \`urls\` prints the URLs to paste`;
}

interface ExporterText {
  readonly id: string;
  /** Holds its secret. */
  readonly variable?: string;
  readonly yaml: string;
}

function exportersFor(wishes: Wishes): ExporterText[] {
  switch (wishes.to) {
    case 'coralogix':
      return [coralogix(wishes)];
    case 'otlp':
      return [otlp(wishes)];
    case 'several':
      return [coralogix(wishes), otlp(wishes)];
    case 'collector':
      return [collector(wishes)];
  }
}

function coralogix({ domain, application }: Wishes): ExporterText {
  return {
    id: 'coralogix',
    variable: 'CORALOGIX_PRIVATE_KEY',
    yaml: `  coralogix:
    domain: ${text(domain)}
    private_key: \${env:CORALOGIX_PRIVATE_KEY}   # a "Send-Your-Data" key
    application_name: ${text(application)}   # where an event has no name of its own
`,
  };
}

function otlp({ endpoint }: Wishes): ExporterText {
  return {
    id: 'otlp_http',
    variable: 'OTLP_TOKEN',
    yaml: `  otlp_http:
    endpoint: ${text(endpoint)}   # without /v1/logs
    headers:
      authorization: Bearer \${env:OTLP_TOKEN}
`,
  };
}

function collector({ endpoint }: Wishes): ExporterText {
  return {
    id: 'otlp_http/collector',
    yaml: `  otlp_http/collector:         # an OpenTelemetry Collector with receivers: { otlp: { protocols: { http: } } }
    endpoint: ${text(endpoint)}
`,
  };
}

/** A value as YAML: in quotes where it would be something else without. */
function text(value: string): string {
  return /^[A-Za-z][\w.:/-]*$/.test(value) && !/:$|^(?:true|false|null)$/i.test(value)
    ? value
    : JSON.stringify(value.replaceAll('$', '$$$$'));
}
