/** The component types that a configuration can name: those of this build, and well-known ones that it does not have. */
import type { AnyFactory } from '../component.ts';
import { formatId, isBad, parseId } from './ids.ts';

export type ComponentKind = AnyFactory['kind'];

/** Section of the file → what it holds. */
const SECTIONS: ReadonlyMap<string, ComponentKind> = new Map([
  ['receivers', 'receiver'],
  ['processors', 'processor'],
  ['exporters', 'exporter'],
  ['connectors', 'connector'],
  ['extensions', 'extension'],
]);

export const sectionKind = (section: string): ComponentKind | undefined => SECTIONS.get(section);

export class Catalog {
  readonly factories: readonly AnyFactory[];
  readonly #byName = new Map<string, AnyFactory>();

  constructor(factories: readonly AnyFactory[]) {
    this.factories = factories;
    for (const factory of factories) {
      for (const name of [factory.type, ...(factory.aliases ?? [])]) {
        const key = `${factory.kind} ${name}`;
        if (this.#byName.has(key)) throw new Error(`BUG: two factories for ${key}`);
        this.#byName.set(key, factory);
      }
    }
  }

  /** By type or alias. */
  find(kind: ComponentKind, name: string): AnyFactory | undefined {
    return this.#byName.get(`${kind} ${name}`);
  }

  /** The id under which a component is known, whatever name of its type was written; as it is where there is none. */
  canonical(kind: ComponentKind, written: string): string {
    const id = parseId(written);
    const factory = isBad(id) ? undefined : this.find(kind, id.type);
    return factory && !isBad(id) ? formatId({ ...id, type: factory.type }) : written;
  }

  types(kind: ComponentKind): string[] {
    return this.factories
      .filter((factory) => factory.kind === kind)
      .map(({ type }) => type)
      .sort();
  }

  /** The kinds under which a name is known: to say that a component stands in the wrong section. */
  kindsOf(name: string): ComponentKind[] {
    return [...SECTIONS.values()].filter((kind) => this.find(kind, name));
  }
}

/** Undefined when the Collector has no such component either; else what to use instead, which may be empty. */
export function collectorComponent(kind: ComponentKind, type: string): string | undefined {
  return COLLECTOR[kind].get(type);
}

/** Components of the Collector that people bring along in their files. */
const COLLECTOR: Readonly<Record<ComponentKind, ReadonlyMap<string, string>>> = {
  receiver: known(
    `awsfirehose azureeventhub docker_stats filelog file_log fluentforward host_metrics hostmetrics jaeger journald
     k8s_cluster k8s_events k8sobjects kafka otlp prometheus splunk_hec syslog tcplog udplog zipkin`,
    {
      webhook_event: 'the intercom receiver takes the webhooks of Intercom',
      webhookevent: 'the intercom receiver takes the webhooks of Intercom',
    },
  ),
  processor: known(
    `cumulativetodelta filter groupbytrace k8sattributes k8s_attributes logdedup metricstransform routing span
     tail_sampling transform`,
    {
      filter: 'it comes with a later release',
      transform: 'it comes with a later release',
    },
  ),
  exporter: known(
    `alibabacloud_logservice awscloudwatchlogs awss3 azuremonitor clickhouse coralogix datadog debug elasticsearch file
     googlecloud kafka loadbalancing nop opensearch otlp_http otlphttp prometheus prometheusremotewrite pulsar rabbitmq
     splunk_hec sumologic zipkin`,
    {
      logging: 'the logging exporter has been deprecated, use the debug exporter instead',
      loki: 'use otlp_http with the OTLP endpoint of Loki, https://.../otlp',
      otlp: 'use otlp_http: backends that take OTLP over gRPC mostly take it over HTTP too',
      otlp_grpc: 'use otlp_http: backends that take OTLP over gRPC mostly take it over HTTP too',
    },
  ),
  connector: known(
    `count count_connector datadog exceptions failover grafanacloud metrics_as_logs otlpjson round_robin roundrobin routing
     servicegraph service_graph signal_to_metrics signaltometrics slowsql spanmetrics span_metrics sum`,
    {
      failover: 'remove it: each exporter waits out the troubles of its own backend',
      routing: 'use forward, and a filter processor in each pipeline behind it',
    },
  ),
  extension: known(
    `db_storage file_storage headers_setter health_check healthcheckv2 k8s_observer
     memory_ballast oauth2client oidc opamp pprof redis_storage sigv4auth zpages`,
    { pprof: 'remove it', zpages: 'remove it', memory_ballast: 'remove it' },
  ),
};

function known(types: string, instead: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map([...types.split(/\s+/).map((type) => [type, ''] as const), ...Object.entries(instead)]);
}
