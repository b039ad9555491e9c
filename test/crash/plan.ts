/** What is done in each round of the crash suite, drawn from its seed. */
import type { AgentSettings } from '../support/agent-process.ts';
import { FAULTS, type Fault, type FaultSink } from '../support/fault-sink.ts';
import type { Load } from '../support/loader.ts';

export interface Round {
  readonly settings: Omit<AgentSettings, 'directory'>;
  readonly load: Load;
  /** Milliseconds of load before the end; when killed early, from the start of the process. */
  readonly lengthMs: number;
  /** How the process ends. `killed early`: perhaps before it is ready. */
  readonly end: 'killed' | 'killed early' | 'stopped';
  /** All dead letters are to be sent again: a command to the running agent, or on its directory before it starts. */
  readonly retry?: 'running' | 'before';
  /** For people. */
  readonly summary: string;
}

/** Faults are drawn as often as all being well. */
const HEALTHY = 0.4;

export function drawFaults(random: () => number): Fault[] {
  return random() < HEALTHY ? [] : [pick(random, FAULTS)];
}

export function drawRound(random: () => number, sinks: readonly FaultSink[]): Round {
  const absent = random() < 0.15 ? pick(random, sinks) : undefined;
  const present = sinks.filter((sink) => sink !== absent);
  // An orphan's entries make room when the journal is full: not both, for then they would expire.
  const maxBytes = absent === undefined && random() < 0.25 ? pick(random, ['400KiB', '800KiB', '2MiB']) : '0';
  const processor = random() < 0.3;
  const segmentBytes = pick(random, maxBytes === '0' ? ['64KiB', '256KiB', '1MiB'] : ['64KiB']);
  const maxAge = pick(random, ['0s', '1s', '24h']);
  const draw = random();
  const end = draw < 0.55 ? 'killed' : draw < 0.7 ? 'killed early' : 'stopped';
  const retryDraw = random();
  const retry = retryDraw < 0.08 ? 'running' : retryDraw < 0.14 ? 'before' : undefined;
  return {
    settings: {
      exporters: present.map((sink) => exporterYaml(random, sink)).join(''),
      use: present.map(({ name }) => `otlp_http/${name}`),
      storage: `    segment_bytes: ${segmentBytes}\n    max_bytes: ${maxBytes}\n    retention: { max_age: ${maxAge} }\n`,
      ...(processor && {
        processors: {
          yaml: '  attributes:\n    actions: [{ key: suite, value: crash, action: insert }]\n',
          use: ['attributes'],
        },
      }),
    },
    load: { connections: 4 + Math.floor(random() * 28), rate: Math.round(150 * 12 ** random()) },
    lengthMs: Math.round(end === 'killed early' ? 800 * random() : 200 + 900 * random()),
    end,
    ...(retry && { retry }),
    summary: [
      end,
      absent && `without ${absent.name}`,
      maxBytes !== '0' && `max_bytes ${maxBytes}`,
      processor && 'a processor',
      retry && `dead letters again (${retry})`,
      `segments ${segmentBytes}`,
      `kept ${maxAge}`,
    ]
      .filter(Boolean)
      .join(', '),
  };
}

/** The quietest settings, for the end. */
export function lastSettings(sinks: readonly FaultSink[]): Omit<AgentSettings, 'directory'> {
  return {
    exporters: sinks.map((sink) => exporter(sink, { timeout: '5s', batch: 'flush_timeout: 20ms' })).join(''),
    use: sinks.map(({ name }) => `otlp_http/${name}`),
  };
}

function exporterYaml(random: () => number, sink: FaultSink): string {
  const maxSize = pick(random, [0, 1, 10, 100, 1000]);
  return exporter(sink, {
    timeout: pick(random, ['600ms', '1s', '3s']),
    batch: `flush_timeout: ${pick(random, ['1ms', '20ms', '200ms'])}, min_size: ${Math.min(8192, maxSize || 8192)}, max_size: ${maxSize}`,
    consumers: pick(random, [1, 2, 10]),
    more: [
      `encoding: ${pick(random, ['proto', 'json'])}`,
      `compression: ${pick(random, ['gzip', 'none'])}`,
      `max_request_bytes: ${pick(random, ['100KiB', '1MiB', '4MiB'])}`,
    ],
  });
}

function exporter(
  sink: FaultSink,
  options: { timeout: string; batch: string; consumers?: number; more?: readonly string[] },
): string {
  const { timeout, batch, consumers = 10, more = [] } = options;
  const lines = [
    `endpoint: ${sink.url}`,
    `timeout: ${timeout}`,
    `sending_queue: { num_consumers: ${consumers}, batch: { ${batch} } }`,
    'retry_on_failure: { initial_interval: 30ms, max_interval: 200ms, probe_interval: 200ms }',
    ...more,
  ];
  return `  otlp_http/${sink.name}:\n${lines.map((line) => `    ${line}\n`).join('')}`;
}

function pick<T>(random: () => number, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}
