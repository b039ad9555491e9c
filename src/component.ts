/**
 * The contract of every component: what a folder under receivers/, processors/, exporters/, connectors/ or extensions/ exports, when
 * the agent calls it and what it may expect.
 *
 * Order at start: extensions, the journal, exporters, deliveries, receivers last. Order at stop: receivers first.
 */
import type { ZodType } from 'zod';
import type { Clock } from './clock.ts';
import type { AuthSide } from './config/blocks/auth.ts';
import type { Outcome } from './exporters/outcome.ts';
import type { AppendResult, Entry, Journal, NewEntry } from './journal/journal.ts';
import type { Authenticators, ClientAuth, ServerAuth } from './net/auth.ts';
import type { Doorway } from './net/doors.ts';
import type { LogRecordProcessor } from './otel.ts';
import type { LogRecord } from './record/log-record.ts';
import type { OtlpEncodingName } from './record/otlp/encoders.ts';
import type { Finding } from './telemetry/finding.ts';
import type { Log } from './telemetry/log.ts';
import type { AgentStatus, RefusalReason } from './telemetry/status.ts';

export interface Component {
  /** Resolves when the component works (a door listens). A rejection stops the agent's start. Called once. */
  start(): Promise<void>;
  /**
   * Stops working and releases everything. Idempotent; resolves at the latest soon after `deadline` aborts, with whatever
   * could not be finished cut off.
   */
  shutdown(deadline: AbortSignal): Promise<void>;
}

/** What every component gets. */
export interface ComponentContext {
  /** `type` or `type/name`, the type canonical (aliases resolved). */
  readonly id: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Version of this agent. */
  readonly version: string;
  /** Of the first configuration file: what paths to code are relative to. Absent: the working directory. */
  readonly configDirectory?: string;
  /** What `auth` blocks name. Started before whatever uses them. */
  readonly authenticators: Authenticators;
  /** Where its servers get their doors, which outlive it when the configuration changes; absent: none of that. */
  readonly doorway?: Doorway;
}

export type Stability = 'development' | 'alpha' | 'beta' | 'stable';

interface FactoryBase<Config> {
  /** As written in a configuration. */
  readonly type: string;
  /** Other spellings that are accepted and mean `type`. */
  readonly aliases?: readonly string[];
  readonly stability: Stability;
  /** One sentence for `components` and the docs. */
  readonly summary: string;
  /** The schema of the component's block: the only place of its defaults. An empty block is parsed as `{}`. */
  readonly config: ZodType<Config>;
  /**
   * What a schema can't say: called with a block that passed the schema, also by `validate`, so it opens nothing.
   * Reports errors, warnings and notes by path.
   */
  check?(config: Config): ConfigRemark[];
}

export interface ConfigRemark {
  /** A note says what a setting means here where nothing is wrong with it. */
  readonly severity: 'error' | 'warning' | 'note';
  /** Path inside the component's block. */
  readonly path: readonly (string | number)[];
  /** The part of the text there that is meant, where it is a text: offsets, the end not included. */
  readonly range?: { readonly start: number; readonly end: number };
  readonly message: string;
  /** What to write instead. */
  readonly suggestion?: string;
}

export interface ReceiverContext extends ComponentContext {
  /** Directory for small files of the agent's own (keys); exists, mode 0700. */
  readonly dataDirectory: string;
  /** Durable when it resolves; see `Journal.append`. Counts accepted and duplicates. */
  accept(entries: readonly NewEntry[]): Promise<AppendResult[]>;
  /** Counts a request that was not taken. */
  refused(reason: RefusalReason): void;
}

/** A door. `shutdown` is called after `beginShutdown`, once the delay that load balancers need is over. */
export interface Receiver extends Component {
  /** How long the door goes on after a stop signal, so that load balancers notice; 0 when absent. */
  readonly shutdownDelayMs?: number;
  /** From now on answers carry `Connection: close`; requests are still taken. */
  beginShutdown?(): void;
}

export interface ReceiverFactory<Config = unknown> extends FactoryBase<Config> {
  readonly kind: 'receiver';
  /** How long, and how many, ids this receiver wants remembered. */
  dedup?(config: Config): JournalOptions['dedup'];
  create(config: Config, context: ReceiverContext): Receiver;
  /**
   * The pure function from a stored entry of this receiver to its records. Never throws: what it does not understand it
   * carries along. `config` is absent when the receiver has left the configuration while entries of it are still pending.
   */
  decoder(config: Config | undefined, context: { version: string }): (entry: Entry) => LogRecord[];
  /**
   * The entry that this receiver would store of a body, were it a request that is right in every way: for commands that try a
   * configuration out. Absent: nothing can be tried with it. @throws {RangeError} in words, where it has no such integration
   */
  entryOf?(
    config: Config,
    body: Uint8Array,
    options: { readonly receiver: string; readonly integration?: string; readonly receivedAt: number },
  ): NewEntry;
  /**
   * True when the stored entry is about, or mentions, the person with this id or e-mail address: for `erase`. Never throws.
   * Absent: entries of this receiver name nobody.
   */
  mentions?(entry: Entry, person: string): boolean;
  /** The topic of a stored entry, for filters of commands; undefined when it has none. Never throws. */
  topicOf?(entry: Entry): string | undefined;
}

/**
 * A processor that takes what one entry became together, so that it may act once for a resource or a scope, as the
 * Collector's do. Records of one entry that stand under the same resource or scope share that object. `onEmit` is the same
 * with one record.
 */
export interface BatchProcessor extends LogRecordProcessor {
  /** Instead of one `onEmit` for each of them, in order. The records may be changed, their resource and scope replaced. */
  onBatch(records: readonly LogRecord[], context?: Parameters<LogRecordProcessor['onEmit']>[1]): void;
}

/** Joins the records of a batch. Nothing is settled before what they became is, so a crash in between loses nothing. */
export interface Collector {
  /** How long records are collected after the first one, unless a batch is full before. */
  readonly forMs: number;
  /**
   * In order. Every record is in one of the results, whose `record` is new: those that are given may have been encoded
   * already. @throws and the entries become dead letters
   */
  join(records: readonly LogRecord[]): Joined[];
}

export interface Joined {
  readonly record: LogRecord;
  /** Indexes of the records that it stands for: at least one. */
  readonly of: readonly number[];
}

/**
 * A processor forwards to `next`, changes, splits or withholds a record. Not forwarded when `onEmit` returns means
 * filtered. `onEmit` is synchronous and gets each record once per delivery.
 */
export interface ProcessorFactory<Config = unknown> extends FactoryBase<Config> {
  readonly kind: 'processor';
  /**
   * It joins records that came at different times: instead of `create`, which then only forwards, a delivery collects what
   * reaches this place of the chain and has it joined before it is sent.
   */
  collect?(config: Config, context: ComponentContext): Collector;
  /** Its settings name code that runs in the agent: they must not come from the web. */
  readonly runsCode?: boolean;
  create(config: Config, context: ComponentContext, next: LogRecordProcessor): LogRecordProcessor;
}

export interface Batch {
  /** In order of position. Immutable to exporters: other deliveries may share them. */
  readonly records: readonly LogRecord[];
}

/** How a delivery forms batches and requests for an exporter: from its `sending_queue` and `retry_on_failure` blocks. */
export interface SendingPolicy {
  /** Requests in flight at most. */
  readonly maxInFlight: number;
  /** A batch goes out when it has this many records or bytes, or `flushTimeoutMs` after its first record. */
  readonly minRecords: number;
  readonly minBytes: number;
  readonly maxRecords: number;
  readonly flushTimeoutMs: number;
  /** A batch of several records stays within this many bytes as `Exporter.weigh` counts them. */
  readonly maxBytes: number;
  /** An attempt that has not ended after this long is broken: well above the exporter's own time limit. */
  readonly attemptLimitMs: number;
  readonly retry: RetryPolicy;
  readonly rules: RecordRules;
}

/** What an exporter does about records that its backend would not take, and about a full disk. */
export interface RecordRules {
  /** A record heavier than this, as `Exporter.weigh` counts, is `oversized`. */
  readonly maxRecordBytes: number;
  readonly oversized: 'dead_letter' | 'truncate_body';
  /** A record whose time is further back than this at the moment of an attempt is `tooOld`. Infinity: none is. */
  readonly maxAgeMs: number;
  /** restamp: it gets the present time, and `log.original_time` keeps its own. */
  readonly tooOld: 'restamp' | 'dead_letter';
  /** When the journal is full because of this delivery: Intercom is refused, or the oldest entries become dead letters. */
  readonly whenFull: 'refuse' | 'dead_letter_oldest';
  /** Where a delivery begins that never ran before. */
  readonly startAt: 'end' | 'beginning';
}

export interface RetryPolicy {
  /** false: one attempt, then hold. */
  readonly enabled: boolean;
  readonly initialIntervalMs: number;
  readonly randomizationFactor: number;
  readonly multiplier: number;
  readonly maxIntervalMs: number;
  /** A stretch that has failed for so long becomes dead letters; 0: it is tried for ever. */
  readonly maxElapsedMs: number;
  /** How often a held delivery tries again. */
  readonly probeIntervalMs: number;
}

export interface Exporter extends Component {
  /**
   * One attempt. Never rejects for trouble of the backend: that is an outcome. A rejection is a bug and is treated as
   * `hold`. Aborting `signal` ends the attempt soon, with a `retry` outcome. Several calls may run at the same time.
   */
  send(batch: Batch, signal: AbortSignal): Promise<Outcome>;
  /** Opens files anew, after a log rotation moved them (SIGHUP). */
  reopen?(): Promise<void>;
  /** Bytes that this record adds to a request, uncompressed. Cheap when `send` follows (may cache the encoded form). */
  weigh(record: LogRecord): number;
  /**
   * The encoding of OTLP in which it sends records, where it needs nothing else of them but resource and scope: then a delivery holds
   * their encoded form alone while a batch fills, and may have it made on another thread; and it lets go of them when `send` has returned
   * its promise. Absent: it needs all of them.
   */
  readonly encoding?: OtlpEncodingName;
}

export interface ExporterFactory<Config = unknown> extends FactoryBase<Config> {
  readonly kind: 'exporter';
  policy(config: Config): SendingPolicy;
  create(config: Config, context: ComponentContext): Exporter;
  /**
   * Whether records would be taken, explained: for `doctor`, also beside a running agent, which it must not disturb. Absent:
   * there is nothing that could go wrong. Never rejects; resolves within some seconds, and soon when the signal aborts.
   */
  examine?(config: Config, context: ComponentContext, examination: Examination): Promise<Finding[]>;
}

export interface Examination {
  /** A record that says what it is: may be sent once. Absent: nothing that would be stored is to be sent. */
  readonly record?: LogRecord;
  readonly signal: AbortSignal;
}

/**
 * An exporter of some pipelines that is a receiver of others: each of these gets every record that leaves one of those. The
 * loader resolves connectors into the routes of pipelines (`config/graph.ts`), so there is nothing of them to run.
 */
export interface ConnectorFactory<Config = unknown> extends FactoryBase<Config> {
  readonly kind: 'connector';
}

export interface ExtensionContext extends ComponentContext {
  /** The state of the whole agent, for health pages. Cheap: may be called per request. */
  status(): AgentStatus;
}

/** Extras are optional methods. */
export interface Extension extends Component {
  /** A storage extension opens the journal. Called once, before anything else starts. */
  openJournal?(options: JournalOptions): Promise<OpenedJournal>;
  /** Present from `create` on; used after `start`. */
  readonly clientAuth?: ClientAuth;
  readonly serverAuth?: ServerAuth;
}

export interface OpenedJournal {
  readonly journal: Journal;
  /** For small files of the agent's own. */
  readonly dataDirectory: string;
  /** How long entries are kept for a delivery that is no longer configured. */
  readonly orphanMaxAgeMs: number;
}

export interface JournalOptions {
  /** How long, and at most how many, ids are remembered for deduplication: the largest that any receiver asks for. */
  readonly dedup: { readonly windowMs: number; readonly maxIds: number };
  readonly log: Log;
  readonly clock: Clock;
  /** Called at most once: the journal takes nothing any more and will not recover (its directory has another owner). */
  onLost(error: Error): void;
}

export interface ExtensionFactory<Config = unknown> extends FactoryBase<Config> {
  readonly kind: 'extension';
  /** It opens the journal (`Extension.openJournal`): a configuration may use one such extension. */
  readonly storage?: boolean;
  /** It is an authenticator, with these sides. */
  authenticates?(config: Config): readonly AuthSide[];
  create(config: Config, context: ExtensionContext): Extension;
}

// biome-ignore-start lint/suspicious/noExplicitAny: a list of factories holds each with its own config type; the loader pairs them again
export type AnyFactory =
  | ReceiverFactory<any>
  | ProcessorFactory<any>
  | ExporterFactory<any>
  | ConnectorFactory<any>
  | ExtensionFactory<any>;
// biome-ignore-end lint/suspicious/noExplicitAny: as above
