import type { LogLevel, LogSampling } from '../config/model.ts';
import {
  type Logger,
  LoggerProvider,
  type LogRecordProcessor,
  SeverityNumber,
  SimpleLogRecordProcessor,
} from '../otel.ts';
import type { Log, LogFields } from './log.ts';
import { type OwnResource, sdkResource } from './resource.ts';
import { LineSampler } from './sampling.ts';
import { lineExporter } from './writer.ts';

const LEVELS = {
  debug: { number: SeverityNumber.DEBUG, text: 'DEBUG' },
  info: { number: SeverityNumber.INFO, text: 'INFO' },
  warn: { number: SeverityNumber.WARN, text: 'WARN' },
  error: { number: SeverityNumber.ERROR, text: 'ERROR' },
} as const;

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly encoding: 'console' | 'json';
  readonly colour: boolean;
  /** Who says it, for processors that send it elsewhere; lines do not show it. */
  readonly resource?: OwnResource;
  /** Fields of every line. */
  readonly fields?: LogFields;
  /** Absent: every line is written. */
  readonly sampling?: LogSampling;
  /** Gets whole lines. */
  write(line: string): void;
  /** Further processors of the SDK, for example a batch processor with an OTLP exporter. */
  readonly processors?: readonly LogRecordProcessor[];
}

export interface AgentLogger {
  readonly log: Log;
  /** Flushes what the processors hold. */
  shutdown(): Promise<void>;
}

/** The agent's own logs run on the SDK's `LoggerProvider`: lines on stderr, and wherever else its processors send them. */
export function createLogger(options: LoggerOptions): AgentLogger {
  const lines = new SimpleLogRecordProcessor({
    exporter: lineExporter(options.write, options.encoding, options.colour),
  });
  const { resource } = options;
  const provider = new LoggerProvider({
    processors: [lines, ...(options.processors ?? [])],
    ...(resource && { resource: sdkResource(resource) }),
  });
  const logger = provider.getLogger('intercom-otel-agent');
  const sampler = options.sampling && new LineSampler(options.sampling, () => performance.now());
  const admits: Admits = (level, message) =>
    LEVELS[level].number >= LEVELS[options.level].number && (sampler?.admits(level, message) ?? true);
  return {
    log: logWith(logger, admits, options.fields ?? {}),
    shutdown: () => provider.shutdown(),
  };
}

type Admits = (level: keyof typeof LEVELS, message: string) => boolean;

function logWith(logger: Logger, admits: Admits, common: LogFields): Log {
  const at = (level: keyof typeof LEVELS) => (message: string, fields?: LogFields) => {
    if (!admits(level, message)) return;
    const { number, text } = LEVELS[level];
    logger.emit({
      timestamp: Date.now(),
      severityNumber: number,
      severityText: text,
      body: message,
      attributes: defined({ ...common, ...fields }),
    });
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => logWith(logger, admits, { ...common, ...fields }),
  };
}

/** This line of the SDK stores and counts attributes whose value is undefined. */
function defined(fields: LogFields): Record<string, string | number | boolean | string[]> {
  const out: Record<string, string | number | boolean | string[]> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined && value !== null)
      out[key] = Array.isArray(value) ? [...value] : (value as string | number | boolean);
  }
  return out;
}
