import type { OwnLogsTarget } from '../config/model.ts';
import { BatchLogRecordProcessor, type LogRecordProcessor, OTLPLogExporter } from '../otel.ts';

/**
 * Sends the agent's own log records over OTLP, with the SDK's own batch processor and exporter: they may drop under load,
 * which is fine for talk and would not be for events.
 *
 * The SDK's exporter adds headers and other settings from `OTEL_EXPORTER_OTLP_*` variables to whatever endpoint it is
 * given. Beside an application those belong to the application, so they are hidden while it is made.
 */
export function ownLogsProcessor(
  target: OwnLogsTarget,
  environment: NodeJS.ProcessEnv = process.env,
): LogRecordProcessor {
  const hidden = Object.entries(environment).filter(([name]) => name.startsWith('OTEL_EXPORTER_OTLP_'));
  for (const [name] of hidden) delete environment[name];
  try {
    const url = new URL(target.endpoint);
    if (url.pathname === '/') url.pathname = '/v1/logs';
    const headers = { ...target.headers };
    return new BatchLogRecordProcessor({
      exporter: new OTLPLogExporter({ url: url.href, headers, timeoutMillis: target.timeoutMs }),
    });
  } finally {
    Object.assign(environment, Object.fromEntries(hidden));
  }
}
