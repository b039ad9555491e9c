import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import type { TelemetryConfig } from '../config/model.ts';
import { type AgentLogger, createLogger } from '../telemetry/logger.ts';
import { ownLogsProcessor } from '../telemetry/otlp-logs.ts';
import { ownResource } from '../telemetry/resource.ts';
import { SwitchingLog } from '../telemetry/switching-log.ts';
import { wantsColour } from './configuration.ts';
import { version } from './package.ts';

/** Lines that a slow disk keeps waiting; more are given up. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

export interface ReopenableLogger extends AgentLogger {
  /** Opens files anew: they were moved away. */
  reopen(): void;
}

export interface ReloadableLogger extends ReopenableLogger {
  /** From now on lines are written as this wants it. The files and backends of before get what was written before. */
  switchTo(telemetry: TelemetryConfig): void;
}

/** A logger that a reload changes under everybody who has it. */
export function reloadableLogger(telemetry: TelemetryConfig): ReloadableLogger {
  let current = agentLogger(telemetry);
  const lines = new SwitchingLog(current.log);
  const former = new Set<Promise<void>>();
  return {
    log: lines.log,
    switchTo(next) {
      const before = current;
      current = agentLogger(next);
      lines.switchTo(current.log);
      const ending = before.shutdown().catch(() => {});
      former.add(ending);
      void ending.then(() => former.delete(ending));
    },
    async shutdown() {
      await Promise.all([current.shutdown(), ...former]);
    },
    reopen: () => current.reopen(),
  };
}

/** The agent's own log as the configuration wants it: lines on stderr or elsewhere, and over OTLP where it names backends. */
export function agentLogger({ logs, resource }: Pick<TelemetryConfig, 'logs' | 'resource'>): ReopenableLogger {
  const outputs = logs.outputPaths.map((path) => new Output(path));
  const isTerminal = logs.outputPaths.every((path) => path === 'stderr');
  const { log, shutdown } = createLogger({
    level: logs.level,
    encoding: logs.encoding,
    fields: logs.initialFields,
    resource: ownResource(resource, version),
    ...(logs.sampling && { sampling: logs.sampling }),
    colour: isTerminal && wantsColour(process.stderr),
    write: (line) => {
      for (const output of outputs) output.write(line);
    },
    processors: logs.targets.map((target) => ownLogsProcessor(target)),
  });
  return {
    log,
    async shutdown() {
      await shutdown();
      await Promise.all(outputs.map((output) => output.end()));
    },
    reopen() {
      for (const output of outputs) output.reopen();
    },
  };
}

/** One of the output paths. What can't be written there is given up, and said once on stderr. */
class Output {
  readonly #path: string;
  #file: WriteStream | undefined;

  constructor(path: string) {
    this.#path = path;
    this.reopen();
  }

  write(line: string): void {
    if (this.#path === 'stderr') process.stderr.write(line);
    else if (this.#path === 'stdout') process.stdout.write(line);
    else if (this.#file && this.#file.writableLength < MAX_WAITING_BYTES) this.#file.write(line);
  }

  reopen(): void {
    if (this.#path === 'stderr' || this.#path === 'stdout') return;
    this.#file?.end();
    this.#file = undefined;
    try {
      const file = createWriteStream(this.#path, { fd: openSync(this.#path, 'a', 0o640) });
      file.on('error', (error) => {
        if (this.#file === file) this.#giveUp(error);
      });
      this.#file = file;
    } catch (error) {
      this.#giveUp(error as Error);
    }
  }

  #giveUp({ message }: Error): void {
    this.#file = undefined;
    process.stderr.write(`The log can't be written to ${JSON.stringify(this.#path)}: ${message}\n`);
  }

  async end(): Promise<void> {
    const file = this.#file;
    if (!file || file.destroyed) return;
    await new Promise<void>((resolve) => {
      file.on('error', () => resolve());
      file.end(() => resolve());
    });
  }
}
