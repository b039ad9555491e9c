import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Rehearsal, type RehearsalOptions, rehearsedBody } from '../agent/rehearsal.ts';
import { systemClock } from '../clock.ts';
import type { AgentConfig, PipelineConfig } from '../config/model.ts';
import { personalClasses } from '../intercom/convention/privacy.ts';
import { sampleNotification } from '../intercom/samples.ts';
import { isKnownTopic, knownTopics } from '../intercom/topics.ts';
import { isPersonal, leaves, PrivacyReport } from '../privacy/report.ts';
import { scanTopLevel } from '../record/json.ts';
import type { LogRecord } from '../record/log-record.ts';
import { silentLog } from '../telemetry/log.ts';
import { printable } from '../telemetry/writer.ts';
import { type ConfigurationOptions, requireConfig, wantsColour } from './configuration.ts';
import { CommandError, EXIT } from './exit.ts';
import { Command, withConfig } from './options.ts';
import { version } from './package.ts';
import { counted, printJson, say } from './printing.ts';
import { privacyTable } from './privacy-table.ts';

interface PrivacyOptions extends ConfigurationOptions {
  readonly all?: boolean;
  readonly deny?: string;
  readonly json?: boolean;
}

export function privacyCommand(): Command {
  return withConfig(new Command('privacy'))
    .description(
      'Shows which field of a notification leaves this machine, in which form, and to which exporter. Sends nothing.',
    )
    .argument('[notification...]', 'files with a notification each, or topics; default: a sample of every known topic')
    .option('--all', 'also fields that tell nobody: ids, counts, times, words of Intercom')
    .option(
      '--deny <classes>',
      `exit 1 when a field of these leaves: ${Object.keys(personalClasses).join(', ')}, or all`,
    )
    .option('--json', 'as JSON, one row for each field')
    .addHelpText(
      'after',
      `
Forms:
  as it is        the value leaves unchanged
  changed         something else stands there, which may still tell it
  masked in part  a text of which parts were masked
  hashed, masked  a hash or a mask stands there
  removed         nothing stands there
  dropped         no record of it leaves

-> path  the value was found in another field, too.

Examples:
  intercom-otel-agent privacy --config agent.yaml
  intercom-otel-agent privacy --config agent.yaml conversation.user.replied captured.json
  intercom-otel-agent privacy --config agent.yaml --deny contact,content`,
    )
    .action(privacy);
}

async function privacy(given: readonly string[], options: PrivacyOptions): Promise<void> {
  const denied = deniedClasses(options.deny);
  const config = await requireConfig(options);
  const deliveries = deliveriesOf(config);
  const bodies = given.length > 0 ? await Promise.all(given.map(bodyOf)) : samples();
  const report = reportOn(bodies, deliveries, {
    ...{ config, version, log: silentLog, clock: systemClock, random: Math.random },
  });
  const names = deliveries.map(({ name }) => name);
  const rows = report.rows();
  const shown = options.all ? rows : rows.filter((row) => isPersonal(row.class));
  if (options.json) printJson(shown);
  else process.stdout.write(privacyTable(shown, names, { colour: wantsColour(process.stdout) }));
  const found = names.map((name) => rows.filter((row) => denied.has(row.class) && leaves(row, name)).length);
  const bad = names.filter((_, index) => (found[index] as number) > 0);
  if (bad.length === 0) return;
  say(
    names
      .map((name, index) => ({ name, fields: found[index] as number }))
      .filter(({ fields }) => fields > 0)
      .map(
        ({ name, fields }) =>
          `${printable(name)}: ${counted(fields, 'field')} that --deny names ${fields === 1 ? 'leaves' : 'leave'}.`,
      )
      .join('\n'),
  );
  process.exitCode = EXIT.failed;
}

function deniedClasses(text: string | undefined): ReadonlySet<string> {
  const known = Object.keys(personalClasses);
  const named = (text ?? '').split(',').filter((name) => name !== '');
  for (const name of named)
    if (name !== 'all' && !known.includes(name))
      throw new CommandError(
        `--deny: there is no class ${JSON.stringify(name)}; there are: ${known.join(', ')}, all`,
        EXIT.usage,
      );
  return new Set(named.includes('all') ? known : named);
}

/** A pipeline's way to an exporter. */
interface Delivery {
  /** The exporter's id, with the pipeline's where it is in several. */
  readonly name: string;
  readonly pipeline: PipelineConfig;
  /** Receivers that take notifications. */
  readonly receivers: readonly string[];
}

function deliveriesOf({ service, receivers }: AgentConfig): Delivery[] {
  const all = service.pipelines.flatMap((pipeline) => pipeline.exporters.map((exporter) => ({ pipeline, exporter })));
  const deliveries = all.map(({ pipeline, exporter }) => ({
    name: all.filter((one) => one.exporter === exporter).length > 1 ? `${pipeline.id} ${exporter}` : exporter,
    pipeline,
    receivers: [...new Set(pipeline.routes.flatMap((route) => route.receivers))].filter(
      (id) => receivers.get(id)?.factory.entryOf,
    ),
  }));
  const found = deliveries.filter((delivery) => delivery.receivers.length > 0);
  if (found.length === 0)
    throw new CommandError('no pipeline of the configuration has a receiver of notifications', EXIT.usage);
  return found;
}

interface Body {
  readonly topic: string;
  readonly bytes: Buffer;
}

async function bodyOf(given: string): Promise<Body> {
  if (existsSync(given)) {
    const bytes = await readFile(given).catch((error: NodeJS.ErrnoException) => {
      throw new CommandError(`${given}: ${error.code === 'EISDIR' ? 'is a directory' : error.message}`, EXIT.usage);
    });
    const { topic } = scanTopLevel(bytes, ['topic']);
    return { topic: typeof topic === 'string' ? topic : given, bytes };
  }
  if (!isKnownTopic(given))
    throw new CommandError(`${given}: neither a file nor a known topic; \`send --help\` lists the topics`, EXIT.usage);
  return sample(given);
}

function sample(topic: string, generation: '1.x' | '2.x' = '2.x', seed = 1): Body {
  const notification = sampleNotification(topic, { now: Date.now(), id: randomUUID, seed, generation });
  return { topic, bytes: Buffer.from(JSON.stringify(notification)) };
}

/** Samples of one topic differ in which optional fields they have. */
const SEEDS = [1, 2, 3];

function samples(): Body[] {
  return knownTopics.flatMap(({ topic, generations }) =>
    generations.flatMap((generation) => SEEDS.map((seed) => sample(topic, generation, seed))),
  );
}

function reportOn(bodies: readonly Body[], deliveries: readonly Delivery[], options: RehearsalOptions): PrivacyReport {
  const report = new PrivacyReport();
  const ways = deliveries.map((delivery) => ({ ...delivery, rehearsal: new Rehearsal(delivery.pipeline, options) }));
  for (const receiver of new Set(deliveries.flatMap(({ receivers }) => receivers))) {
    for (const { topic, bytes } of bodies) {
      const input = rehearsedBody(options, bytes, { receiver, receivedAt: options.clock.now() });
      const sent = new Map<string, LogRecord[]>();
      for (const { name, receivers, rehearsal } of ways) {
        if (!receivers.includes(receiver)) continue;
        const result = rehearsal.run([input]);
        for (const { error } of result.failed)
          throw new CommandError(`${name}: a processor failed on ${printable(topic)}: ${printable(error.message)}`);
        sent.set(
          name,
          result.sent.map(({ record }) => record),
        );
      }
      for (const record of input.records()) report.add(topic, record, sent);
    }
  }
  return report;
}
