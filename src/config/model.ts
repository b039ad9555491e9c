/** The typed configuration: what loading gives and the agent builds from. */
import type {
  AnyFactory,
  ConnectorFactory,
  ExporterFactory,
  ExtensionFactory,
  ProcessorFactory,
  ReceiverFactory,
} from '../component.ts';

/** One configured component, its block checked and filled with defaults by the factory's schema. */
export interface Configured<Factory> {
  /** `type` or `type/name`, the type canonical. */
  readonly id: string;
  readonly type: string;
  readonly factory: Factory;
  readonly config: unknown;
}

export interface PipelineConfig {
  /** `logs` or `logs/name`. */
  readonly id: string;
  /** Canonical component ids, each configured above. No connectors among receivers and exporters: those come below. */
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  /** Each is a delivery. Empty where only connectors take what leaves the pipeline. */
  readonly exporters: readonly string[];
  /** Connectors that feed it, and that it feeds. */
  readonly receivesFrom: readonly string[];
  readonly sendsTo: readonly string[];
  /** Every way from receivers to the end of this pipeline: at least one. An entry takes each that begins at its receiver. */
  readonly routes: readonly Route[];
}

/** A way from receivers through the pipelines that connectors join. */
export interface Route {
  readonly receivers: readonly string[];
  /** Ids of the pipelines that it leads through, in order; the last is the one whose route it is. */
  readonly pipelines: readonly string[];
  /** Ids of all their processors, in order. The same id in two pipelines is two instances. */
  readonly processors: readonly string[];
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** An OTLP backend of the agent's own logs or metrics. */
export interface OtlpTarget {
  /** With the path of the signal. */
  readonly url: string;
  readonly encoding: 'proto' | 'json';
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'gzip' | 'none';
  /** For one request; 0: no limit of its own. */
  readonly timeoutMs: number;
  /** Paths of PEM files, by the names of the `tls` block. */
  readonly tls: { readonly [Key in 'ca_file' | 'cert_file' | 'key_file']: string | undefined };
}

/** Where the agent's own log lines go beside stderr: one entry of `service::telemetry::logs::processors`. */
export type OwnLogsTarget =
  /** stdout, one JSON object a line. */
  | { readonly console: true }
  | {
      readonly console?: undefined;
      /** The encoding is always json here. */
      readonly otlp: OtlpTarget;
      /** Absent: as the SDK has it. */
      readonly batch?: {
        readonly delayMs: number;
        readonly exportTimeoutMs: number;
        readonly maxQueue: number;
        readonly maxBatch: number;
      };
    };

/** Of lines with the same level and message, the first `initial` of each tick are written, then every `thereafter`-th. */
export interface LogSampling {
  readonly tickMs: number;
  readonly initial: number;
  /** 0: none. */
  readonly thereafter: number;
}

/** An address at which `/metrics` is served. */
export interface MetricsReader {
  /** `host:port`. */
  readonly endpoint: string;
  /** Where the configuration names it, as in `service::telemetry::metrics::readers::0`; absent: it is the default. */
  readonly path?: string;
}

/** To whom metrics are sent at an interval: one `periodic` of `service::telemetry::metrics::readers`. */
export interface PeriodicReader {
  /** Where the configuration names it. */
  readonly path: string;
  readonly intervalMs: number;
  /** For a whole report. */
  readonly timeoutMs: number;
  /** delta: what was added since the last report that arrived; lowmemory: that for histograms only. */
  readonly temporality: 'cumulative' | 'delta' | 'lowmemory';
  /** Absent: stdout. */
  readonly target?: OtlpTarget;
}

export type AttributeValue = string | number | boolean | readonly string[];

/** What the agent says of itself in what it sends of itself. */
export interface ResourceSettings {
  /** Beside the agent's own, and winning over them; null removes one of those. */
  readonly attributes: Readonly<Record<string, AttributeValue | null>>;
  readonly schemaUrl?: string;
}

export interface OwnLogs {
  readonly level: LogLevel;
  /** `console` is for people, `json` one object a line. */
  readonly encoding: 'console' | 'json';
  /** `stdout`, `stderr` and files, which are appended to. */
  readonly outputPaths: readonly string[];
  /** Fields of every line. */
  readonly initialFields: Readonly<Record<string, string | number | boolean>>;
  /** Absent: every line is written. */
  readonly sampling?: LogSampling;
  /** OTLP backends that get the lines as well. */
  readonly targets: readonly OwnLogsTarget[];
}

export interface TelemetryConfig {
  readonly logs: OwnLogs;
  readonly metrics: {
    /** Where metrics are served; empty where they are switched off. */
    readonly readers: readonly MetricsReader[];
    /** To whom they are sent. */
    readonly periodic: readonly PeriodicReader[];
  };
  readonly resource: ResourceSettings;
}

export interface AgentConfig {
  /** Of the first file that the configuration was read from. */
  readonly directory?: string;
  /** Every component of the build, also those that the configuration does not name. */
  readonly factories: readonly AnyFactory[];
  readonly receivers: ReadonlyMap<string, Configured<ReceiverFactory>>;
  readonly processors: ReadonlyMap<string, Configured<ProcessorFactory>>;
  readonly exporters: ReadonlyMap<string, Configured<ExporterFactory>>;
  readonly connectors: ReadonlyMap<string, Configured<ConnectorFactory>>;
  readonly extensions: ReadonlyMap<string, Configured<ExtensionFactory>>;
  readonly service: {
    /** In the order of the file: they start in it and stop in reverse. */
    readonly extensions: readonly string[];
    readonly pipelines: readonly PipelineConfig[];
    readonly telemetry: TelemetryConfig;
  };
}
