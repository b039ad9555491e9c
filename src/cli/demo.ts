import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Agent } from '../agent/agent.ts';
import { delay, systemClock } from '../clock.ts';
import { sampleNotification } from '../intercom/samples.ts';
import { requireConfig, wantsColour } from './configuration.ts';
import { CommandError, EXIT } from './exit.ts';
import { signingSecret, type Target, targets } from './integrations.ts';
import { agentLogger } from './logger.ts';
import { Command } from './options.ts';
import { packageRoot, version } from './package.ts';
import { stopSignal } from './run.ts';
import { localOrigin, postAsIntercom } from './webhook.ts';

const TOPICS = [
  'ping',
  'conversation.user.created',
  'conversation.admin.replied',
  'ticket.created',
  'contact.user.created',
  'data_connector.execution.completed',
];
/** How long the samples may take to come out at the other end. */
const DELIVERY_MS = 10_000;

export function demoCommand(): Command {
  return new Command('demo')
    .description('The whole agent with no account anywhere: posts signed samples to itself and shows the records.')
    .option('--once', 'stop after the samples')
    .action(demo);
}

async function demo(options: { once?: boolean }): Promise<void> {
  const say = speaker();
  const data = await mkdtemp(join(tmpdir(), 'intercom-otel-agent-demo-'));
  // A reader that has seen enough (`| head`) ends it, and nothing stays behind then either.
  process.on('exit', () => rmSync(data, { recursive: true, force: true }));
  process.stdout.on('error', () => process.exit(EXIT.done));
  // First of all, so that Ctrl-C cleans up from here on.
  const stopped = stopSignal();
  try {
    const file = join(packageRoot, 'config/demo.yaml');
    const health = await freeEndpoint(13133, say);
    const config = await requireConfig(
      { config: [file] },
      {
        ...process.env,
        DEMO_DATA: data,
        DEMO_ENDPOINT: await freeEndpoint(8080, say),
        DEMO_HEALTH_ENDPOINT: health,
      },
    );
    const logger = agentLogger(config.service.telemetry);
    const agent = new Agent({ config, version, log: logger.log, clock: systemClock, random: Math.random });
    await agent.start();
    try {
      const target = (await targets(config))[0] as Target;
      const origin = localOrigin(target.config);
      say.title(
        `intercom-otel-agent ${version}, the demo: the real agent on ${origin}, with its data in a temporary directory.`,
      );
      await postSamples(target, origin, say.line);
      await delivered(agent);
      summary(agent, say);
      if (!options.once) {
        next(origin, health, file, target, say);
        await stopped;
        say.line('\nStopped; the temporary data is gone.');
      }
    } finally {
      await agent.shutdown({ deadline: AbortSignal.timeout(5000), delayed: false });
      await logger.shutdown();
    }
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

async function postSamples(target: Target, origin: string, line: (text: string) => void): Promise<void> {
  line(`Posting ${TOPICS.length} signed samples to it, as Intercom would:\n`);
  let counter = 0;
  for (const topic of TOPICS) {
    const id = () => `00000000-0000-4000-8000-${String(++counter).padStart(12, '0')}`;
    const body = Buffer.from(JSON.stringify(sampleNotification(topic, { now: Date.now(), id })));
    const { status, ms } = await postAsIntercom(`${origin}${target.path}`, signingSecret(target.integration), body);
    if (status !== 200) throw new CommandError(`BUG: the demo's own sample ${topic} was answered ${status}`);
    line(`  POST ${target.path}  ${topic.padEnd(36)} ${body.length} bytes  200 in ${ms.toFixed(1)} ms`);
  }
  line('');
}

async function delivered(agent: Agent): Promise<void> {
  const deadline = systemClock.monotonic() + DELIVERY_MS;
  while (agent.status().deliveries.some(({ pending }) => pending > 0)) {
    if (systemClock.monotonic() > deadline)
      throw new CommandError(`the samples were not delivered: ${agent.status().degraded.join('; ')}`);
    await delay(systemClock, 20);
  }
}

function summary(agent: Agent, say: Speaker): void {
  const { accepted, deliveries } = agent.status();
  const done = deliveries.reduce((sum, delivery) => sum + delivery.delivered, 0);
  say.title('What happened');
  say.line(`  received   ${accepted} notifications over HTTP`);
  say.line(`  verified   the X-Hub-Signature of each: HMAC-SHA1 of its bytes with the client secret`);
  say.line(`  stored     each in the journal, synced to disk, before it was answered 200`);
  say.line(`  exported   ${done} OpenTelemetry log records, to the exporter "terminal"\n`);
}

function next(origin: string, health: string, file: string, target: Target, say: Speaker): void {
  const shown = relative(process.cwd(), file) || file;
  const command = relative(process.cwd(), packageRoot) === '' ? 'npm run --silent agent --' : 'intercom-otel-agent';
  say.title('What next');
  say.line('  Send another one, from a second terminal:');
  say.line(`    ${command} send conversation.user.replied --config ${shown} --url ${origin}${target.path}\n`);
  say.line('  See how it is doing:');
  say.line(`    curl -s http://${health}\n`);
  say.line('  Your own: copy config/demo.yaml to agent.yaml, put in your secret and an exporter, then');
  say.line(`    ${command} validate --config agent.yaml`);
  say.line(`    ${command} run --config agent.yaml\n`);
  say.line('  README.md has Coralogix step by step. Ctrl-C stops the demo.\n');
}

interface Speaker {
  title(text: string): void;
  line(text: string): void;
}

function speaker(): Speaker {
  const bold = wantsColour(process.stdout) ? (text: string) => `\u001b[1m${text}\u001b[0m` : (text: string) => text;
  const line = (text: string) => void process.stdout.write(`${text}\n`);
  return { title: (text) => line(bold(text)), line };
}

/** The usual port of this machine, or a free one when it is taken. */
async function freeEndpoint(port: number, say: Speaker): Promise<string> {
  const free = (await tryPort(port)) ?? (await tryPort(0));
  if (free === undefined) throw new CommandError('no port of 127.0.0.1 can be listened on');
  if (free !== port) say.line(`Port ${port} is taken; the demo uses ${free}.`);
  return `localhost:${free}`;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}
