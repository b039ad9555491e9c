import type { TelemetryConfig } from '../config/model.ts';
import { type AgentLogger, createLogger } from '../telemetry/logger.ts';
import { ownLogsProcessor } from '../telemetry/otlp-logs.ts';
import { wantsColour } from './configuration.ts';

/** The agent's own log as the configuration wants it: lines on stderr, and over OTLP to the backends that it names. */
export function agentLogger({ logs: { level, encoding, targets } }: TelemetryConfig): AgentLogger {
  return createLogger({
    level,
    encoding,
    colour: wantsColour(process.stderr),
    write: (line) => process.stderr.write(line),
    processors: targets.map((target) => ownLogsProcessor(target)),
  });
}
