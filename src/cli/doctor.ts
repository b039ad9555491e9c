import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemClock } from '../clock.ts';
import type { AgentConfig } from '../config/model.ts';
import { thisPerson } from '../control/audit.ts';
import { ControlClient, PATIENCE } from '../control/client.ts';
import { dataDirectoryOf, journalLimitOf } from '../control/data-directory.ts';
import { socketPath, socketState, unusable } from '../control/socket.ts';
import { checkData } from '../doctor/data.ts';
import { examine } from '../doctor/doctor.ts';
import { CHECKS, type Check, type Finds } from '../doctor/finding.ts';
import { createKnocker } from '../doctor/knock.ts';
import { checkUrls } from '../doctor/url.ts';
import { checkDirectory } from '../journal/file/doctor.ts';
import { silentLog } from '../telemetry/log.ts';
import { printable } from '../telemetry/writer.ts';
import { requireConfig, wantsColour } from './configuration.ts';
import { type DataOptions, dataOf, withData } from './data-options.ts';
import { doorsOf, usesUrlKey } from './doors.ts';
import { CommandError, EXIT } from './exit.ts';
import { Command } from './options.ts';
import { version } from './package.ts';
import { counted, jsonText, say, written } from './printing.ts';

interface DoctorOptions extends DataOptions {
  readonly only?: string;
  readonly send: boolean;
}

const COLOURS = { ok: '\u001b[32m', warning: '\u001b[33m', error: '\u001b[31m' } as const;
/** What a finding is about, by the name that it has in JSON. */
const PLACES = { backends: 'exporter', data: 'file', url: 'integration' } as const;
/** An agent that does not tell its counts for so long hangs. */
const AGENT_MS = 5000;

export function doctorCommand(): Command {
  return withData(new Command('doctor'))
    .description(
      `With --config: asks every backend whether it takes records, looks whether the data directory can be worked in, and whether the public URL leads to the running agent; says what is wrong, and what to do. With --data, or without a configuration: checks that directory, file by file and frame by frame. Changes no file.`,
    )
    .option('--only <checks>', `with --config: ${CHECKS.join(', ')}, one or several with commas`)
    .option('--no-send', 'send no test record to the backends (only empty requests), and no signed ping to the agent')
    .option('--json', 'as JSON, one finding a line')
    .addHelpText(
      'after',
      `
Without --no-send each backend gets one record with the event name intercom-otel-agent.doctor, and the running agent one
ping for each integration, which it delivers as any other. It counts one refused signature for each.

Exit codes: 0 all is well; 1 there are warnings or errors; 2 the command line or the configuration is wrong.`,
    )
    .action(doctor);
}

async function doctor(options: DoctorOptions): Promise<void> {
  const checks = checksOf(options);
  const config = options.config || options.set ? await requireConfig(options) : undefined;
  if (!config && (options.only !== undefined || !options.send))
    throw new CommandError('--only and --no-send go with --config', EXIT.usage);
  const { directory } = config
    ? { directory: resolve(options.data ?? dataDirectoryOf(config)) }
    : await dataOf({ data: options.data });
  const findings = config ? configured(config, directory, checks, options) : frames(directory);
  const found = await tell(findings, { json: options.json ?? false, wholly: config === undefined });
  if (found === undefined) return;
  const bad = found.warning + found.error;
  if (!options.json && (bad > 0 || !config)) {
    const inWhat = config ? '' : ` in ${directory}`;
    const counts = `${counted(found.error, 'error')} and ${counted(found.warning, 'warning')}${inWhat}.`;
    say(bad === 0 ? `${directory} is sound.` : counts);
  }
  if (bad > 0) process.exitCode = EXIT.failed;
}

function checksOf({ only }: DoctorOptions): ReadonlySet<Check> {
  if (only === undefined) return new Set(CHECKS);
  const isCheck = (name: string): name is Check => (CHECKS as readonly string[]).includes(name);
  const names = only.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !isCheck(name));
  if (wrong !== undefined) throw new CommandError(`--only: "${wrong}" is none of ${CHECKS.join(', ')}`, EXIT.usage);
  return new Set(names.filter(isCheck));
}

async function* frames(directory: string): AsyncGenerator<Finds> {
  for await (const { file, ...finding } of checkDirectory({ directory, clock: systemClock }))
    yield { ...finding, check: 'data', at: file };
}

async function* configured(
  config: AgentConfig,
  directory: string,
  checks: ReadonlySet<Check>,
  { data, send }: DoctorOptions,
): AsyncGenerator<Finds> {
  const clock = systemClock;
  const { signal } = new AbortController();
  // Every exporter listens to it.
  setMaxListeners(0, signal);
  const uid = process.getuid?.();
  const maxBytes = journalLimitOf(config);
  yield* examine({
    ...{ config, checks, send, version, clock, signal },
    ...{ log: silentLog, random: Math.random, id: randomUUID },
    async *data() {
      const needsUrlKey = usesUrlKey(config);
      const contentsFollow = data !== undefined && existsSync(join(directory, 'journal'));
      yield* checkData({
        ...{ directory, needsUrlKey, contentsFollow, clock },
        ...(maxBytes !== undefined && { maxBytes }),
        ...(uid !== undefined && { uid }),
      });
      if (contentsFollow) yield* checkDirectory({ directory, clock });
    },
    async *urls() {
      const agent = await agentAt(directory);
      const doors = await doorsOf(config, directory, agent !== undefined);
      const outside = await createKnocker({ clock, environment: process.env, verify: true, signal });
      const here = await createKnocker({ clock, environment: {}, verify: false, signal });
      try {
        const { knock } = outside;
        yield* checkUrls({ doors, directory, send, clock, knock, knockHere: here.knock, ...(agent && { agent }) });
      } finally {
        outside.close();
        here.close();
      }
    },
  });
}

async function agentAt(directory: string): Promise<ControlClient | undefined> {
  const socket = socketPath(directory);
  if (unusable(socket) !== undefined || (await socketState(socket, systemClock)) !== 'live') return undefined;
  return new ControlClient({ socket, who: thisPerson(), patience: { ...PATIENCE, quickMs: AGENT_MS } });
}

/**
 * Prints findings as they come, and counts them; undefined when nobody reads on.
 * @param how wholly: of a data directory alone
 */
async function tell(findings: AsyncIterable<Finds>, { json, wholly }: { json: boolean; wholly: boolean }) {
  const colour = wantsColour(process.stdout);
  const found = { ok: 0, warning: 0, error: 0 };
  for await (const finding of findings) {
    found[finding.severity]++;
    if (!(await written(process.stdout, `${json ? jsonLine(finding) : lines(finding, wholly, colour)}\n`)))
      return undefined;
  }
  return found;
}

function jsonLine({ severity, check, at, message, advice }: Finds): string {
  return jsonText({ severity, check, [PLACES[check]]: at, message, ...(advice && { advice }) });
}

function lines({ severity, check, at, message, advice }: Finds, wholly: boolean, colour: boolean): string {
  const label = colour ? `${COLOURS[severity]}${severity.padEnd(7)}\u001b[0m` : severity.padEnd(7);
  const kind = check !== 'data' ? `${PLACES[check]} ` : wholly ? '' : 'data ';
  return `${label}  ${kind}${printable(at)}: ${printable(message)}${advice ? `\n         ${printable(advice)}` : ''}`;
}
