import { existsSync } from 'node:fs';
import { Option } from 'commander';
import { parseDuration } from '../config/blocks/scalars.ts';
import { type Generation, knownTopics } from '../intercom/topics.ts';
import { type ConfigurationOptions, requireConfig } from './configuration.ts';
import { CommandError, EXIT } from './exit.ts';
import { signingSecret, type Target, targets } from './integrations.ts';
import { Command, withConfig } from './options.ts';
import { printJson } from './printing.ts';
import { countsInWords, meaning, unreachable } from './send-answers.ts';
import { sendAtRate } from './send-rate.ts';
import { allSamples, DEFAULT_TOPIC, manySamples, oneSample, type Sample } from './send-samples.ts';
import { type Answer, localOrigin, postAsIntercom } from './webhook.ts';

/** More than a machine with all that it runs beside could be asked for from one process. */
const MAX_RATE = 10_000;

interface SendOptions extends ConfigurationOptions {
  readonly all?: boolean;
  readonly rate?: number;
  readonly for?: number;
  readonly seed?: number;
  readonly generation?: Generation;
  readonly print?: boolean;
  readonly integration?: string;
  readonly url?: string;
  readonly json?: boolean;
}

export function sendCommand(): Command {
  return withConfig(new Command('send'))
    .description('Posts correctly signed sample notifications to the running agent, as Intercom would.')
    .argument('[sample]', `a topic, or a file whose bytes are posted as they are; default: ${DEFAULT_TOPIC}`)
    .option('--all', 'every known topic, one after the other, in both generations where there are two')
    .addOption(
      new Option('--rate <n>', 'so many a second, whatever the answers take: the topic, or a mix as in life')
        .argParser(rate)
        .conflicts('all'),
    )
    .addOption(new Option('--for <duration>', 'how long, with --rate: 30s, 5m').argParser(duration).conflicts('all'))
    .addOption(new Option('--seed <n>', 'other people, texts and numbers; default: 1').argParser(seed))
    .addOption(
      new Option('--generation <generation>', 'shape: 2.x as today, or 1.x as the oldest apps get it').choices([
        '1.x',
        '2.x',
      ]),
    )
    .addOption(
      new Option('--print', 'print the JSON, a line for each, and post nothing: needs no --config').conflicts([
        ...['rate', 'for', 'url', 'integration', 'json'],
      ]),
    )
    .option('--integration <name>', 'integration whose URL and secret are used; default: the first')
    .option('--url <url>', 'post there instead, for example through your tunnel')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', help)
    .action(send);
}

function help(): string {
  return `
All people and texts in samples are invented. The exit code is 1 unless everything was answered 200.

Examples:
  intercom-otel-agent send ticket.created --config agent.yaml
  intercom-otel-agent send --all --config agent.yaml
  intercom-otel-agent send --rate 50 --for 60s --config agent.yaml
  intercom-otel-agent send contact.user.created --seed 7 --print > sample.json
  intercom-otel-agent send sample.json --config agent.yaml

Topics:
${topicsInLines()}`;
}

/** By what they are about, in lines for a terminal. */
function topicsInLines(): string {
  const lines: string[] = [];
  let family = '';
  for (const { topic } of knownTopics) {
    const [first] = topic.split(/[._]/) as [string];
    const last = lines.at(-1);
    if (last === undefined || first !== family || last.length + topic.length > 98) lines.push(`  ${topic}`);
    else lines[lines.length - 1] = `${last} ${topic}`;
    family = first;
  }
  return lines.join('\n');
}

async function send(sample: string | undefined, options: SendOptions): Promise<void> {
  if (options.all && sample !== undefined)
    throw new CommandError(`--all sends every topic: leave ${sample} out, or --all`, EXIT.usage);
  if ((options.rate === undefined) !== (options.for === undefined))
    throw new CommandError('--rate and --for belong together: --rate 10 --for 60s', EXIT.usage);
  const request = { ...options, ...(sample !== undefined && { sample }) };
  if (options.print && sample !== undefined && existsSync(sample))
    throw new CommandError(`${sample}: a file is there to be read already; --print is for topics`, EXIT.usage);
  if (options.print) return print(options.all ? allSamples(request) : [await oneSample(request)]);
  if (options.url !== undefined) requireWebUrl(options.url);
  const target = choose(await targets(await requireConfig(options)), options.integration);
  const url = options.url ?? `${localOrigin(target.config)}${target.path}`;
  const secret = signingSecret(target.integration);
  const post = (body: Uint8Array) => postAsIntercom(url, secret, body);
  if (options.all) return sendAll([...allSamples(request)], url, post, options);
  if (options.rate === undefined || options.for === undefined)
    return sendOne(await oneSample(request), url, post, target, options);
  await sendAtRate(manySamples(request), {
    ...{ rate: options.rate, durationMs: options.for, json: options.json ?? false },
    post: async (body) => (await post(body)).status,
  });
}

type Post = (body: Uint8Array) => Promise<Answer>;

function print(samples: Iterable<Sample>): void {
  for (const { body } of samples) process.stdout.write(`${body}\n`);
}

async function sendOne(sample: Sample, url: string, post: Post, target: Target, options: SendOptions): Promise<void> {
  const { topic, id } = sample;
  const { status, ms } = await post(sample.body).catch((error) => {
    throw new CommandError(unreachable(url, error));
  });
  const { name } = target.integration;
  if (options.json)
    process.stdout.write(`${JSON.stringify({ status, milliseconds: Math.round(ms), topic, id, integration: name })}\n`);
  else if (status === 200)
    process.stdout.write(
      `200 in ${Math.round(ms)} ms: ${topic}${id ? ` (${id})` : ''} is stored, for integration "${name}".\n`,
    );
  if (status !== 200) throw new CommandError(`the agent answered ${status}: ${meaning(status)}`);
}

/** One after the other. Where there is no answer at all, the rest would be waited for in vain. */
async function sendAll(samples: readonly Sample[], url: string, post: Post, options: SendOptions): Promise<void> {
  const counts = new Map<string, number>();
  const results: object[] = [];
  let refused = 200;
  for (const { body, topic, generation, id } of samples) {
    const { status, ms } = await post(body).catch((error) => {
      throw new CommandError(`${unreachable(url, error)}; ${results.length} of ${samples.length} were sent`);
    });
    counts.set(String(status), (counts.get(String(status)) ?? 0) + 1);
    results.push({ status, milliseconds: Math.round(ms), topic, generation, id });
    if (status !== 200 && refused === 200) refused = status;
    if (!options.json) process.stdout.write(`${status} in ${ms.toFixed(1).padStart(6)} ms  ${generation}  ${topic}\n`);
  }
  if (options.json) printJson({ sent: samples.length, statuses: Object.fromEntries(counts), results });
  else process.stdout.write(`${samples.length} sent: ${countsInWords(counts)}.\n`);
  if (refused !== 200) throw new CommandError(`not everything was answered 200. ${refused}: ${meaning(refused)}`);
}

function rate(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value > 0 && value <= MAX_RATE) return value;
  throw new CommandError(
    `--rate: expected notifications a second, more than 0 and at most ${MAX_RATE}, got ${JSON.stringify(text)}`,
    EXIT.usage,
  );
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new CommandError(`--for: expected a duration such as 30s or 5m, got ${JSON.stringify(text)}`, EXIT.usage);
}

function seed(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 32) return Number(text);
  throw new CommandError(
    `--seed: expected a whole number from 0 to ${2 ** 32 - 1}, got ${JSON.stringify(text)}`,
    EXIT.usage,
  );
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
