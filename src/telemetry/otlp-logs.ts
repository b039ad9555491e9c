import { readFileSync } from 'node:fs';
import type { OwnLogsTarget } from '../config/model.ts';
import {
  BatchLogRecordProcessor,
  type LogRecordProcessor,
  OTLPLogExporter,
  SimpleLogRecordProcessor,
} from '../otel.ts';
import { lineExporter } from './writer.ts';

/**
 * Sends the agent's own log records over OTLP, with the SDK's own batch processor and exporter: they may drop under load,
 * which is fine for talk and would not be for events.
 *
 * The SDK's exporter adds headers and other settings from `OTEL_EXPORTER_OTLP_*` variables to whatever endpoint it is
 * given. Beside an application those belong to the application, so they are hidden while it is made.
 * @throws Error that names the file, when one of certificates can't be read
 */
export function ownLogsProcessor(
  target: OwnLogsTarget,
  environment: NodeJS.ProcessEnv = process.env,
): LogRecordProcessor {
  if (target.console) {
    const write = (line: string) => void process.stdout.write(line);
    return new SimpleLogRecordProcessor({ exporter: lineExporter(write, 'json', false) });
  }
  const { otlp, batch } = target;
  const hidden = Object.entries(environment).filter(([name]) => name.startsWith('OTEL_EXPORTER_OTLP_'));
  for (const [name] of hidden) delete environment[name];
  try {
    const { ca_file: ca, cert_file: cert, key_file: key } = otlp.tls;
    const exporter = new OTLPLogExporter({
      url: otlp.url,
      headers: { ...otlp.headers },
      timeoutMillis: otlp.timeoutMs || (batch?.exportTimeoutMs ?? NO_LIMIT_MS),
      compression: otlp.compression as NonNullable<ConstructorParameters<typeof OTLPLogExporter>[0]>['compression'],
      ...((ca ?? cert ?? key) !== undefined && {
        httpAgentOptions: { ca: pem(ca), cert: pem(cert), key: pem(key), keepAlive: true },
      }),
    });
    return new BatchLogRecordProcessor({
      exporter,
      ...(batch && {
        scheduledDelayMillis: batch.delayMs,
        exportTimeoutMillis: batch.exportTimeoutMs,
        maxQueueSize: batch.maxQueue,
        maxExportBatchSize: batch.maxBatch,
      }),
    });
  } finally {
    Object.assign(environment, Object.fromEntries(hidden));
  }
}

/** The SDK's own limit for a batch. */
const NO_LIMIT_MS = 30_000;

function pem(path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`service::telemetry::logs::processors: cannot read ${path}: ${code}`, { cause: error });
  }
}
