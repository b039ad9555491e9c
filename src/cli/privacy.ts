import { existsSync } from 'node:fs';
import { deliveriesOf, sourcesOf } from '../agent/plan.ts';
import { Rehearsal, type RehearsalOptions, rehearsedBody } from '../agent/rehearsal.ts';
import { systemClock } from '../clock.ts';
import type { AgentConfig, PipelineConfig } from '../config/model.ts';
import { personalClasses } from '../intercom/convention/privacy.ts';
import { isKnownTopic } from '../intercom/topics.ts';
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
import { allSamples, oneSample, type Sample } from './send-samples.ts';

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
  const deliveries = reported(config);
  const samples =
    given.length > 0 ? await Promise.all(given.map(givenSample)) : SEEDS.flatMap((seed) => [...allSamples({ seed })]);
  const report = reportOn(samples, deliveries, {
    ...{ config, version, log: silentLog, clock: systemClock, random: Math.random },
  });
  const names = deliveries.map(({ name }) => name);
  const rows = report.rows();
  const shown = options.all ? rows : rows.filter((row) => isPersonal(row.class));
  if (options.json) printJson(shown);
  else process.stdout.write(privacyTable(shown, names, { colour: wantsColour(process.stdout) }));
  const bad = names
    .map((name) => ({ name, fields: rows.filter((row) => denied.has(row.class) && leaves(row, name)).length }))
    .filter(({ fields }) => fields > 0);
  if (bad.length === 0) return;
  for (const { name, fields } of bad)
    say(`${printable(name)}: ${counted(fields, 'field')} that --deny names ${fields === 1 ? 'leaves' : 'leave'}.`);
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

function reported(config: AgentConfig): Delivery[] {
  const all = deliveriesOf(config);
  const found = all
    .map(({ name, pipeline, exporter }) => ({
      name: all.filter((one) => one.exporter === exporter).length > 1 ? name : exporter,
      pipeline,
      receivers: sourcesOf(pipeline).filter((id) => config.receivers.get(id)?.factory.entryOf),
    }))
    .filter(({ receivers }) => receivers.length > 0);
  if (found.length === 0)
    throw new CommandError('no pipeline of the configuration has a receiver of notifications', EXIT.usage);
  return found;
}

async function givenSample(given: string): Promise<Sample> {
  const isFile = existsSync(given);
  if (!isFile && !isKnownTopic(given))
    throw new CommandError(`${given}: neither a file nor a known topic; \`send --help\` lists the topics`, EXIT.usage);
  const sample = await oneSample({ sample: given });
  const { topic } = isFile ? scanTopLevel(sample.body, ['topic']) : sample;
  return typeof topic === 'string' ? { ...sample, topic } : sample;
}

/** Samples of one topic differ in which optional fields they have. */
const SEEDS = [1, 2, 3];

function reportOn(
  samples: readonly Sample[],
  deliveries: readonly Delivery[],
  options: RehearsalOptions,
): PrivacyReport {
  const report = new PrivacyReport();
  const rehearsals = new Map(
    [...new Set(deliveries.map(({ pipeline }) => pipeline))].map((one) => [one, new Rehearsal(one, options)]),
  );
  for (const receiver of new Set(deliveries.flatMap(({ receivers }) => receivers))) {
    for (const { topic, body } of samples) {
      const input = rehearsedBody(options, body, { receiver, receivedAt: options.clock.now() });
      const sent = new Map<string, readonly LogRecord[]>();
      for (const [pipeline, rehearsal] of rehearsals) {
        const of = deliveries.filter((one) => one.pipeline === pipeline && one.receivers.includes(receiver));
        if (of.length === 0) continue;
        const result = rehearsal.run([input]);
        for (const { error } of result.failed)
          throw new CommandError(
            `${of[0]?.name}: a processor failed on ${printable(topic)}: ${printable(error.message)}`,
          );
        const records = result.sent.map(({ record }) => record);
        for (const { name } of of) sent.set(name, records);
      }
      for (const record of input.records()) report.add(topic, record, sent);
    }
  }
  return report;
}
