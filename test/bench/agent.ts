import { once } from 'node:events';
import { join } from 'node:path';
import { SECRET, startAgent } from '../support/agent-process.ts';
import { repository } from '../support/shared.ts';
import type { Place, StartSubject, Subject } from './subject.ts';

export interface AgentSetup {
  /** Each with a lane of the sink. Default: 1. */
  readonly exporters?: number;
  /** Keys of each `otlp_http`. */
  readonly exporter?: Readonly<Record<string, unknown>>;
  /** In the order of the pipeline. */
  readonly processors?: Readonly<Record<string, unknown>>;
  /** Default: 1. */
  readonly integrations?: number;
  readonly nodeArgs?: readonly string[];
  /** Of `run`. */
  readonly runArgs?: readonly string[];
  /** Module by module, so that a profile tells where things are. */
  readonly unbundled?: boolean;
}

/** Everything as a user has it who sets nothing; metrics are off, as in the peers. */
export function agentConfiguration(setup: AgentSetup, { directory, sinkUrl }: Place): object {
  const { exporters = 1, exporter = {}, processors = {}, integrations = 1 } = setup;
  const all = numbered(exporters, (lane) => [`otlp_http/${lane}`, { endpoint: `${sinkUrl}/${lane}`, ...exporter }]);
  const apps = Array.from({ length: integrations }, (_, index) => ({
    ...{ name: `bench${index}`, client_secret: SECRET, path: pathOf(index) },
    ...{ application_name: 'acme', subsystem_name: 'support' },
  }));
  return {
    receivers: { intercom: { endpoint: '127.0.0.1:0', shutdown_delay: '0s', integrations: apps } },
    processors,
    exporters: all,
    extensions: {
      health_check: { endpoint: '127.0.0.1:0' },
      file_storage: { directory: dataOf(directory) },
    },
    service: {
      extensions: ['health_check', 'file_storage'],
      telemetry: { logs: { encoding: 'json' }, metrics: { level: 'none' } },
      pipelines: {
        logs: { receivers: ['intercom'], processors: Object.keys(processors), exporters: Object.keys(all) },
      },
    },
  };
}

export function dataOf(directory: string): string {
  return `${directory}/data`;
}

function pathOf(integration: number): string {
  return `/intercom/bench${integration}`;
}

function numbered<T>(count: number, make: (index: number) => [string, T]): Record<string, T> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => make(index)));
}

/** Our agent as users run it: its command line, in a process of its own. */
export function agent(setup: AgentSetup = {}): StartSubject {
  return async (place): Promise<Subject> => {
    const { child, origin } = await startAgent({
      ...{ directory: place.directory, exporters: '', use: [] },
      yaml: JSON.stringify(agentConfiguration(setup, place)),
      ...(setup.unbundled && { program: join(repository, 'dist/cli/main.js'), env: { UV_THREADPOOL_SIZE: '16' } }),
      ...(setup.nodeArgs && { nodeArgs: setup.nodeArgs }),
      ...(setup.runArgs && { runArgs: setup.runArgs }),
    });
    return {
      ...{ pid: child.pid as number, port: Number(new URL(origin).port), secret: SECRET },
      paths: Array.from({ length: setup.integrations ?? 1 }, (_, index) => pathOf(index)),
      data: dataOf(place.directory),
      stop: async () => {
        const ended = once(child, 'exit');
        // Its profile, when one is taken, is written at a proper end.
        child.kill(setup.nodeArgs ? 'SIGTERM' : 'SIGKILL');
        await ended;
      },
    };
  };
}
