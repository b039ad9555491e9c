import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Agent } from '../agent/agent.ts';
import { delay, systemClock } from '../clock.ts';
import { sampleNotification } from '../intercom/samples.ts';
import { requireConfig, wantsColour } from './configuration.ts';
import { CommandError, EXIT } from './exit.ts';
import { startOnFreePorts } from './free-ports.ts';
import { signingSecret, type Target, targets } from './integrations.ts';
import { agentLogger } from './logger.ts';
import { Command } from './options.ts';
import { packageRoot, version } from './package.ts';
import { stopSignal } from './run.ts';
import { localOrigin, postAsIntercom } from './webhook.ts';

const TOPICS = [
  'ping',
  'conversation.user.created',
  'conversation.operator.replied',
  'conversation.admin.replied',
  'conversation.rating.added',
  'ticket.created',
  'contact.user.updated',
  'call.ended',
  'content_stat.email',
  'data_connector.execution.completed',
];
/** Whose story it is: an English one, with a mail that bounced and a data connector that failed. */
const SEED = 64;
const FILE = join(packageRoot, 'config/demo.yaml');
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
    const { agent, logger, config, health } = await startOnFreePorts([8080, 13133], async ([port, healthPort]) => {
      const config = await requireConfig(
        { config: [FILE] },
        {
          ...process.env,
          DEMO_DATA: data,
          DEMO_ENDPOINT: `localhost:${port}`,
          DEMO_HEALTH_ENDPOINT: `localhost:${healthPort}`,
        },
      );
      const logger = agentLogger(config.service.telemetry);
      const agent = new Agent({ config, version, log: logger.log, clock: systemClock, random: Math.random });
      try {
        await agent.start();
      } catch (error) {
        await logger.shutdown();
        throw error;
      }
      if (port !== 8080) say.line(`Port 8080 is taken; the demo uses ${port}.`);
      return { agent, logger, config, health: `localhost:${healthPort}` };
    });
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
        next(origin, health, FILE, target, say);
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
    const body = Buffer.from(JSON.stringify(sampleNotification(topic, { now: Date.now(), id, seed: SEED })));
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
