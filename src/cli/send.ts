import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { sampleNotification, sampleTopics } from '../intercom/samples.ts';
import { type ConfigurationOptions, requireConfig } from './configuration.ts';
import { CommandError, EXIT } from './exit.ts';
import { signingSecret, type Target, targets } from './integrations.ts';
import { Command, withConfig } from './options.ts';
import { localOrigin, postAsIntercom } from './webhook.ts';

interface SendOptions extends ConfigurationOptions {
  readonly integration?: string;
  readonly url?: string;
  readonly json?: boolean;
}

export function sendCommand(): Command {
  return withConfig(new Command('send'))
    .description('Posts a correctly signed sample notification to the running agent, as Intercom would.')
    .argument('[sample]', 'a topic, or a file whose bytes are posted as they are', 'conversation.user.replied')
    .option('--integration <name>', 'integration whose URL and secret are used; default: the first')
    .option('--url <url>', 'post there instead, for example through your tunnel')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', `\nTopics with a sample of their own:\n  ${sampleTopics.join('\n  ')}`)
    .action(send);
}

async function send(sample: string, options: SendOptions): Promise<void> {
  if (options.url !== undefined) requireWebUrl(options.url);
  const target = choose(await targets(await requireConfig(options)), options.integration);
  const { body, topic, id } = await sampleBody(sample);
  const url = options.url ?? `${localOrigin(target.config)}${target.path}`;
  let status: number;
  let ms: number;
  try {
    ({ status, ms } = await postAsIntercom(url, signingSecret(target.integration), body));
  } catch (error) {
    throw new CommandError(unreachable(url, error));
  }
  const { name } = target.integration;
  if (options.json)
    process.stdout.write(`${JSON.stringify({ status, milliseconds: Math.round(ms), topic, id, integration: name })}\n`);
  else if (status === 200)
    process.stdout.write(
      `200 in ${Math.round(ms)} ms: ${topic}${id ? ` (${id})` : ''} is stored, for integration "${name}".\n`,
    );
  if (status !== 200) throw new CommandError(`the agent answered ${status}: ${meaning(status)}`);
}

/** Anything else would not be a request over HTTP, and what is said about it a lie. */
function requireWebUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new CommandError('--url: expected http:// or https://, a host and a path', EXIT.usage);
  if (url.username || url.password)
    throw new CommandError('--url: a user or password in it is not supported: the signature is the proof', EXIT.usage);
}

function choose(found: Target[], name: string | undefined): Target {
  const target = name === undefined ? found[0] : found.find(({ integration }) => integration.name === name);
  if (target) return target;
  const names = found.map(({ integration }) => integration.name).join(', ');
  throw new CommandError(`no integration is named "${name}"; there are: ${names}`, EXIT.usage);
}

async function sampleBody(sample: string): Promise<{ body: Buffer; topic: string; id?: string }> {
  if (existsSync(sample)) {
    const body = await readFile(sample).catch((error: NodeJS.ErrnoException) => {
      throw new CommandError(`${sample}: ${error.code === 'EISDIR' ? 'is a directory' : error.message}`, EXIT.usage);
    });
    return { body, topic: sample };
  }
  if (!/^[a-z_]+(\.[a-z_]+)*$/.test(sample) || sample.endsWith('.json'))
    throw new CommandError(`${sample}: neither a file nor a topic; --help lists the topics`, EXIT.usage);
  const notification = sampleNotification(sample, { now: Date.now(), id: randomUUID });
  if (!sampleTopics.includes(sample))
    process.stderr.write(`There is no sample of the topic ${sample}; a general one is sent.\n`);
  return {
    body: Buffer.from(JSON.stringify(notification)),
    topic: sample,
    ...(notification.id && { id: notification.id }),
  };
}

function unreachable(url: string, error: unknown): string {
  const { host } = new URL(url);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ECONNREFUSED')
    return `nothing listens at ${host}: is the agent running? intercom-otel-agent run --config ...`;
  if ((error as Error).name === 'TimeoutError')
    return `no answer from ${host} within 5 s; Intercom would have given up, too`;
  return `${host}: ${cause instanceof Error ? cause.message : String(cause)}`;
}

function meaning(status: number): string {
  const meanings: Readonly<Record<number, string>> = {
    401: 'the running agent has another secret for this integration',
    403: 'allow_from does not contain this machine',
    404: 'the running agent has no integration at this path; does it run with another configuration or data directory?',
    413: 'the body is larger than max_request_body_size',
    429: 'it can store nothing now; its log and health page say why',
    503: 'it is stopping',
  };
  return meanings[status] ?? 'see its log';
}
