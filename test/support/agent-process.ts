import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent as HttpAgent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandsOf } from './run.ts';
import { repository } from './shared.ts';

/** The command line as users run it. */
export const executable = join(repository, 'dist/cli/bin.cjs');
/** The same in one process for all: where what a command does is asked, not whether it starts and ends as it should. */
export const command = commandsOf(join(repository, 'dist/bundle/main.js'));
export const SECRET = 'test-client-secret';

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the agent to its end, in a process of its own. */
export function cli(
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [executable, ...args], {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return finished(child);
}

function finished(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

export async function temporaryDirectory(t: { after(task: () => Promise<void>): void }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'intercom-otel-agent-test-'));
  t.after(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

/** An agent that was started, and may not be ready yet. */
export interface LaunchedAgent {
  readonly child: ChildProcess;
  /** Resolves when everything is ready; rejects when the agent ends before. */
  readonly ready: Promise<RunningAgent>;
  /** What it has written to stderr so far. */
  log(): string;
  /** Resolves when a line of the log matches. */
  logged(pattern: RegExp): Promise<string>;
  kill(signal: NodeJS.Signals): Promise<Finished>;
  readonly ended: Promise<Finished>;
}

export interface RunningAgent extends Omit<LaunchedAgent, 'ready'> {
  /** Address of the first door: http://127.0.0.1:port. */
  readonly origin: string;
  readonly health: string;
}

export interface AgentSettings {
  readonly directory: string;
  /** YAML under `exporters:`, indented by two. */
  readonly exporters: string;
  /** Ids for the pipeline. */
  readonly use: readonly string[];
  /** Further YAML under `intercom:`, indented by four. */
  readonly receiver?: string;
  /** YAML under `processors:`, and ids. */
  readonly processors?: { readonly yaml: string; readonly use: readonly string[] };
  /** YAML under `connectors:`, and under `pipelines:` instead of the one with `use`; indented by two and by four. */
  readonly joined?: { readonly connectors: string; readonly pipelines: string };
  readonly storage?: string;
  /** Default: 0s. */
  readonly shutdownDelay?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly nodeArgs?: readonly string[];
  /** Instead of the command line as it is installed. */
  readonly program?: string;
  /** The whole configuration, instead of what the other settings make of it. */
  readonly yaml?: string;
  /** Further arguments of `run`. */
  readonly runArgs?: readonly string[];
  /** Runs the agent under another program: strace, for example. */
  readonly under?: readonly string[];
}

/** A whole configuration with one integration at /intercom/test, on free ports. */
export function configuration(settings: AgentSettings): string {
  const { exporters, use, receiver = '', processors, joined, directory, storage = '', shutdownDelay = '0s' } = settings;
  const pipeline = `    logs: { receivers: [intercom], processors: [${processors?.use.join(', ') ?? ''}], exporters: [${use.join(', ')}] }`;
  return `
receivers:
  intercom:
    endpoint: 127.0.0.1:0
    shutdown_delay: ${shutdownDelay}
${receiver}
    integrations:
      - { name: test, client_secret: '\${env:TEST_SECRET}', application_name: acme, subsystem_name: support, path: /intercom/test }
      - { name: other, client_secret: '\${env:OTHER_SECRET}', application_name: acme, subsystem_name: other, path: /intercom/other }
${processors ? `processors:\n${processors.yaml}` : ''}
exporters:
${exporters}
${joined ? `connectors:\n${joined.connectors}` : ''}
extensions:
  health_check: { endpoint: '127.0.0.1:0' }
  file_storage:
    directory: ${JSON.stringify(join(directory, 'data'))}
${storage}
service:
  extensions: [health_check, file_storage]
  telemetry: { logs: { encoding: json }, metrics: { level: none } }
  pipelines:
${joined?.pipelines ?? pipeline}
`;
}

/** Starts the real agent and waits until its door is open. */
export async function startAgent(settings: AgentSettings): Promise<RunningAgent> {
  return (await launchAgent(settings)).ready;
}

/** Starts the real agent. */
export async function launchAgent(settings: AgentSettings): Promise<LaunchedAgent> {
  const file = join(settings.directory, 'agent.yaml');
  await writeFile(file, settings.yaml ?? configuration(settings));
  const [command, ...before] = [...(settings.under ?? []), process.execPath];
  const child = spawn(
    command as string,
    [
      ...before,
      ...(settings.nodeArgs ?? []),
      settings.program ?? executable,
      'run',
      '--config',
      file,
      ...(settings.runArgs ?? []),
    ],
    {
      env: { ...process.env, TEST_SECRET: SECRET, OTHER_SECRET: `${SECRET}-other`, ...settings.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let log = '';
  const listeners = new Set<() => void>();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
    for (const listener of listeners) listener();
  });
  const ended = finished(child).then((result) => ({ ...result, stderr: log }));
  const logged = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const line = log.split('\n').find((candidate) => pattern.test(candidate));
        if (line !== undefined) {
          listeners.delete(look);
          resolve(line);
        }
      };
      listeners.add(look);
      look();
      void ended.then(() => reject(new Error(`the agent ended without logging ${pattern}:\n${log}`)));
    });
  const addressIn = async (pattern: RegExp) => {
    const { address, port } = JSON.parse(await logged(pattern)) as { address: string; port: number };
    return `http://${address}:${port}`;
  };
  const handle = {
    child,
    log: () => log,
    ended,
    logged,
    kill(signal: NodeJS.Signals) {
      child.kill(signal);
      return ended;
    },
  };
  const ready = logged(/Everything is ready/).then(async () => ({
    ...handle,
    origin: await addressIn(/door is open/),
    health: await addressIn(/health page listens/),
  }));
  // Whoever kills it before it is ready does not wait for it.
  ready.catch(() => {});
  return { ...handle, ready };
}

const keepAlive = new HttpAgent({ keepAlive: true, maxSockets: 256 });

export function sign(body: Uint8Array | string, secret = SECRET): string {
  return `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`;
}

/** Posts a body, signed, and gives the status; rejects when the connection breaks. */
export function post(
  origin: string,
  body: Uint8Array | string,
  options: { path?: string; secret?: string; headers?: Record<string, string> } = {},
): Promise<number> {
  const { path = '/intercom/test', secret = SECRET, headers } = options;
  return new Promise((resolve, reject) => {
    const sent = request(
      `${origin}${path}`,
      {
        method: 'POST',
        agent: keepAlive,
        headers: {
          'content-type': 'application/json',
          'x-hub-signature': sign(body, secret),
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
      },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
        response.once('error', reject);
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

/** A small notification with an id of its own. */
export function notification(id: string, more: Record<string, unknown> = {}): string {
  const now = Math.floor(Date.now() / 1000);
  return JSON.stringify({
    type: 'notification_event',
    app_id: 'abc12345',
    data: { type: 'notification_event_data', item: { type: 'conversation', id: '1', state: 'open' } },
    links: {},
    id,
    topic: 'conversation.user.replied',
    delivery_status: 'pending',
    delivery_attempts: 1,
    delivered_at: 0,
    first_sent_at: now,
    created_at: now,
    self: null,
    ...more,
  });
}

/** One delivery on the health page and in `ledger --json`. Counts are records. */
export interface LedgerLine {
  readonly pipeline: string;
  readonly exporter: string;
  readonly state: string;
  readonly reason: string | null;
  readonly accepted: number;
  readonly delivered: number;
  readonly rejected_by_backend: number;
  readonly filtered: number;
  readonly dead_lettered: number;
  readonly lost: number;
  readonly expired?: number;
  readonly pending: number;
  readonly ambiguous: number;
}

export interface Health {
  phase: string;
  degraded: boolean;
  reasons: string[];
  accepted: number;
  duplicates: number;
  refused: Record<string, number>;
  deliveries: LedgerLine[];
  reloads: { succeeded: number; failed: number; last_success: string | null; failure: { reason: string } | null };
}

export async function health(agent: RunningAgent): Promise<Health> {
  const response = await fetch(agent.health);
  return (await response.json()) as Health;
}

/** Asks the health page until it is as wanted: there is no other way to see into another process. */
export async function healthy(
  agent: RunningAgent,
  wanted: (health: Health) => boolean,
  within = 30_000,
): Promise<Health> {
  const deadline = Date.now() + within;
  for (;;) {
    const now = await health(agent);
    if (wanted(now)) return now;
    if (Date.now() > deadline)
      throw new Error(`the agent did not come to be as wanted: ${JSON.stringify(now)}\n${agent.log()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
