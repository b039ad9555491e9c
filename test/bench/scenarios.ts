import { USUAL_BYTES } from '../support/notifications.ts';
import { type AgentSetup, agent } from './agent.ts';
import { benthos } from './benthos.ts';
import { startFloor } from './floor.ts';
import { otelcol, type Queue } from './otelcol.ts';
import type { Peers } from './peer.ts';
import type { StartSubject } from './subject.ts';

export interface Scenario {
  readonly name: string;
  readonly start: StartSubject;
  readonly bytes: number;
  /** See `Load`. */
  readonly lanes: number;
  /** A million at a time would fill memory and the sockets' buffers rather than measure anything. */
  readonly connections: number;
  /** Share of the usual rate in the open loop; 0: none. */
  readonly rate: number;
  /** Only with `--scaling`, or when it is named. */
  readonly scaling?: true;
}

const CONNECTIONS = 64;
const usual = { bytes: USUAL_BYTES, lanes: 1, connections: CONNECTIONS, rate: 1 };

function ours(name: string, setup: AgentSetup, rest: Partial<Scenario> = {}): Scenario {
  return { ...usual, name, start: agent(setup), lanes: setup.exporters ?? 1, ...rest };
}

/** Five statements and a redaction, as in examples/redaction. */
export const CHAIN = {
  redaction: {
    allow_all_keys: true,
    blocked_key_patterns: ['^(name|phone|avatar|last_seen_ip|location_data)$'],
    blocked_values: ['[\\w.%+-]+@[\\w-]+(\\.[\\w-]+)+', '\\b(?:\\d{4}[ -]){3}\\d{4}\\b'],
  },
  transform: {
    log_statements: [
      'set(log.attributes["topic"], log.body["intercom"]["topic"])',
      'set(log.severity_text, "WARN") where log.attributes["topic"] == "conversation.admin.replied"',
      'delete_key(log.attributes, "intercom.conversation.read")',
      'replace_pattern(log.attributes["topic"], "^conversation\\\\.", "c.")',
      'set(resource.attributes["deployment.environment.name"], "production")',
    ],
  },
} as const;

const KIB = 1024;

/** Peers take part where they are there. */
export function scenarios(peers: Peers): Scenario[] {
  const sized = (bytes: number, connections: number, text: string): Scenario =>
    ours(`size: ${text}`, {}, { bytes, connections, rate: 0, scaling: true });
  const collector = (name: string, queue: Queue): Scenario[] =>
    peers.otelcol === undefined ? [] : [{ ...usual, name, start: otelcol(peers.otelcol, queue) }];
  return [
    { ...usual, name: 'floor: node:http', start: () => startFloor('bare'), lanes: 0 },
    { ...usual, name: 'floor: node:http, HMAC', start: () => startFloor('hmac'), lanes: 0 },
    ours('agent: one exporter', {}),
    ours('agent: three exporters', { exporters: 3 }, { rate: 1 }),
    ours('agent: redaction, five statements', { processors: CHAIN }),
    ours('agent: OTLP JSON', { exporter: { encoding: 'json' } }),
    ours('agent: 16 KB', {}, { bytes: 16 * KIB, rate: 0.2 }),
    ...collector('otelcol: memory queue', 'memory'),
    ...collector('otelcol: file_storage', 'file'),
    // Above what it can do an open loop only measures the queue in front of it.
    ...collector('otelcol: file_storage, fsync', 'file synced').map((scenario) => ({ ...scenario, rate: 0.2 })),
    ...(peers.benthos === undefined ? [] : [{ ...usual, name: 'benthos: no disk', start: benthos(peers.benthos) }]),
    ours('agent: one thread', { runArgs: ['--feature-gates=agent.singleThread'] }, { scaling: true }),
    ours('exporters: 4', { exporters: 4 }, { rate: 0, scaling: true }),
    ours('exporters: 16', { exporters: 16 }, { rate: 0, scaling: true }),
    ours('integrations: 1000', { integrations: 1000 }, { rate: 0, scaling: true }),
    sized(512, CONNECTIONS, '0.5 KB'),
    sized(128 * KIB, 16, '128 KB'),
    sized(KIB * KIB, 4, '1 MB'),
  ];
}
