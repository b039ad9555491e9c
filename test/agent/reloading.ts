/** An agent in this process, on real sockets and files, that is reloaded. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { z } from 'zod';
import { Agent } from '../../src/agent/agent.ts';
import { systemClock } from '../../src/clock.ts';
import type { AnyFactory, Exporter, ExporterFactory, ProcessorFactory } from '../../src/component.ts';
import { retryOnFailure, sendingPolicy, sendingQueue } from '../../src/config/blocks/delivery.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { LogRecord } from '../../src/record/log-record.ts';
import { factories } from '../../src/registry.ts';
import type { Log, LogFields } from '../../src/telemetry/log.ts';
import { temporaryDirectory } from '../support/agent-process.ts';
import { Client } from '../support/raw-client.ts';

export interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

function recording(lines: Line[], common: LogFields = {}): Log {
  const at = (level: string) => (message: string, fields?: LogFields) =>
    void lines.push({ level, message, fields: { ...common, ...fields } });
  return {
    ...{ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    with: (more) => recording(lines, { ...common, ...more }),
  };
}

export interface Parts {
  /** YAML in braces, each. */
  readonly receivers: string;
  readonly exporters: string;
  readonly processors?: string;
  readonly connectors?: string;
  readonly pipelines: string;
  readonly extensions?: string;
  readonly use?: string;
  readonly telemetry?: string;
}

export function yamlOf(directory: string, parts: Parts): string {
  const {
    receivers,
    exporters,
    pipelines,
    processors = '{}',
    connectors = '{}',
    extensions = '',
    use = '',
    telemetry = '{ metrics: { level: none } }',
  } = parts;
  return `
receivers: ${receivers}
processors: ${processors}
exporters: ${exporters}
connectors: ${connectors}
extensions: { file_storage: { directory: ${JSON.stringify(join(directory, 'data'))} }, ${extensions} }
service: { extensions: [file_storage, ${use}], telemetry: ${telemetry}, pipelines: ${pipelines} }
`;
}

export class Scene {
  readonly lines: Line[] = [];
  readonly directory: string;
  readonly #factories: readonly AnyFactory[];
  #agent: Agent | undefined;

  static async of(t: TestContext, parts: Parts, more: readonly AnyFactory[] = []): Promise<Scene> {
    const scene = new Scene(await temporaryDirectory(t), [...factories, ...more]);
    scene.#agent = new Agent({
      config: await scene.config(parts),
      version: '0',
      log: recording(scene.lines),
      clock: systemClock,
      random: Math.random,
    });
    await scene.agent.start();
    t.after(() => scene.agent.shutdown({ deadline: AbortSignal.timeout(10_000), delayed: false }));
    return scene;
  }

  private constructor(directory: string, all: readonly AnyFactory[]) {
    this.directory = directory;
    this.#factories = all;
  }

  get agent(): Agent {
    assert.ok(this.#agent);
    return this.#agent;
  }

  async config(parts: Parts) {
    const { config, diagnostics } = await loadConfig({
      sources: [`yaml:${yamlOf(this.directory, parts)}`],
      factories: this.#factories,
      environment: {},
      readFile: () => Promise.reject(new Error('none')),
    });
    if (!config) throw new Error(diagnostics.map(({ message, path }) => `${path}: ${message}`).join('; '));
    return config;
  }

  /** Resolves when all of it is done: also what left has stopped. */
  reload(parts: Parts): Promise<void> {
    return this.agent.reload(() => this.config(parts));
  }

  /** Where a component listens, by the last line that told. */
  port(pattern: RegExp, component?: string): number {
    const line = this.lines.findLast(
      ({ message, fields }) =>
        pattern.test(message) && (!component || [fields.receiver, fields.extension].includes(component)),
    );
    return Number(line?.fields.port);
  }

  said(pattern: RegExp): Line[] {
    return this.lines.filter(({ message }) => pattern.test(message));
  }

  delivery(name: string) {
    return this.agent.status().deliveries.find(({ pipeline, exporter }) => `${pipeline} ${exporter}` === name);
  }

  /** Resolves when the status is as wanted. */
  async until(condition: () => boolean): Promise<void> {
    const end = Date.now() + 10_000;
    while (!condition()) {
      if (Date.now() > end) throw new Error(`never: ${condition}\n${JSON.stringify(this.agent.status(), null, 1)}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** What an exporter of the type `tray` got, over all its instances, and which of those run. */
export class Trays {
  readonly #records = new Map<string, LogRecord[]>();
  readonly running = new Set<object>();
  /** `send` waits for it. */
  gate: Promise<void> = Promise.resolve();
  sending = 0;

  uids(label: string): string[] {
    return (this.#records.get(label) ?? []).map(({ attributes }) => String(attributes['log.record.uid'])).sort();
  }

  marks(label: string): unknown[] {
    return (this.#records.get(label) ?? []).map(({ attributes }) => attributes.mark);
  }

  readonly exporter: ExporterFactory<{ label: string; broken: boolean }> = {
    kind: 'exporter',
    type: 'tray',
    stability: 'development',
    summary: 'Keeps records for a test.',
    config: z.strictObject({ label: z.string(), broken: z.boolean().default(false) }),
    policy: () =>
      sendingPolicy(sendingQueue.parse({ batch: { flush_timeout: '1ms' } }), retryOnFailure.parse({}), {
        maxBytes: 1e6,
        timeoutMs: 0,
      }),
    create: ({ label, broken }) => {
      const exporter: Exporter = {
        start: async () => {
          if (broken) throw new Error('it is broken');
          this.running.add(exporter);
        },
        shutdown: async () => void this.running.delete(exporter),
        weigh: () => 1,
        send: async ({ records }, signal) => {
          this.sending++;
          const aborted = new Promise<'aborted'>((resolve) =>
            signal.addEventListener('abort', () => resolve('aborted')),
          );
          if ((await Promise.race([this.gate, aborted])) === 'aborted')
            return { kind: 'retry', reason: { summary: 'aborted' }, ambiguous: true };
          this.#records.set(label, [...(this.#records.get(label) ?? []), ...records]);
          return { kind: 'delivered' };
        },
      };
      return exporter;
    },
  };

  readonly processor: ProcessorFactory<{ mark: string }> = {
    kind: 'processor',
    type: 'marking',
    stability: 'development',
    summary: 'Marks records for a test.',
    config: z.strictObject({ mark: z.string() }),
    create: ({ mark }, _context, next) => {
      if (mark === 'impossible') throw new Error('no such mark');
      return {
        ...{ forceFlush: () => next.forceFlush(), shutdown: () => next.shutdown() },
        onEmit: (record) => {
          record.setAttribute('mark', mark);
          next.onEmit(record);
        },
      };
    },
  };
}

/** One signed notification on a connection that is kept. */
export async function postOn(client: Client, id: string, { secret = 'one', path = '/a' } = {}): Promise<number> {
  const body = JSON.stringify({ type: 'notification_event', id, topic: 'contact.created', created_at: 1 });
  const signature = createHmac('sha1', secret).update(body).digest('hex');
  client.write(
    `POST ${path} HTTP/1.1\r\nHost: a\r\nX-Hub-Signature: sha1=${signature}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  return (await client.answer())?.status ?? 0;
}

export function clientOf(t: TestContext, port: number): Client {
  const client = new Client(port);
  t.after(() => client.close());
  return client;
}
