/**
 * For developers who embed the agent, or write components for it. See docs/embedding.md.
 */
export { Agent, type AgentOptions } from './agent/agent.ts';
export { type Clock, systemClock } from './clock.ts';
export type * from './component.ts';
export { type Diagnostic, formatDiagnostics } from './config/diagnostics.ts';
export { type LoadOptions, type LoadResult, loadConfig } from './config/load.ts';
export type { AgentConfig } from './config/model.ts';
export type { Outcome, Reason } from './exporters/outcome.ts';
export type * from './journal/journal.ts';
export type { RecordFunction } from './processors/module/module.ts';
export { chainSdkProcessor } from './processors/sdk-processor.ts';
export { LogRecord } from './record/log-record.ts';
export { Double, type Value } from './record/value.ts';
export { factories } from './registry.ts';
export { type Log, type LogFields, silentLog } from './telemetry/log.ts';
export { type AgentLogger, createLogger, type LoggerOptions } from './telemetry/logger.ts';
export type { AgentStatus, DeliveryStatus } from './telemetry/status.ts';
