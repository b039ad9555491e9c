import type { ReplayStatus } from '../telemetry/status.ts';
import { printable } from '../telemetry/writer.ts';
import { answering } from './answering.ts';
import { type DataOptions, withData } from './data-options.ts';
import { canonicalName } from './delivery-argument.ts';
import { CommandError, EXIT } from './exit.ts';
import { timeOption } from './letter-options.ts';
import { Command } from './options.ts';
import { counted, grouped, printJson, say, table } from './printing.ts';

interface ReplayOptions extends DataOptions {
  readonly exporter?: string;
  readonly from?: string;
  readonly to?: string;
  readonly topic?: string;
  readonly rate: string;
  readonly dryRun?: boolean;
}

/** Records a second: live traffic goes first, and no backend is surprised. */
const RATE = '100';

export function replayCommand(): Command {
  return (
    withData(new Command('replay'))
      // Else `replay list --data D` would give its option to `replay`.
      .enablePositionalOptions()
      .description(
        'Sends entries that are still in the journal once more to one exporter, marked as a replay, beside live traffic.',
      )
      .option('--exporter <id>', 'to this exporter, in each pipeline that it is in, or to "pipeline exporter"')
      .option('--from <time>', 'received at or after: 2026-01-31T12:00:00Z, or 2h for two hours ago')
      .option('--to <time>', 'received before')
      .option('--topic <pattern>', 'with this topic; * stands for any characters')
      .option('--rate <records>', 'records a second at most', RATE)
      .option('--dry-run', 'only count')
      .option('--json', 'print the result as JSON')
      .addCommand(
        withData(new Command('list'))
          .description('Lists the replays that are not done.')
          .option('--json', 'as JSON')
          .action((_options, command: Command) => list(command.optsWithGlobals())),
      )
      .addCommand(
        withData(new Command('cancel'))
          .description('Ends a replay. What it has not sent is not sent.')
          .argument('<id>', 'as `replay list` prints it')
          .action((id: string, _options, command: Command) => cancel(id, command.optsWithGlobals())),
      )
      .action(replay)
  );
}

async function replay(options: ReplayOptions): Promise<void> {
  if (options.exporter === undefined) throw new CommandError('to which exporter? Give --exporter', EXIT.usage);
  const rate = Number(options.rate);
  if (!(rate > 0 && Number.isFinite(rate))) {
    throw new CommandError(`--rate: expected records a second, got ${JSON.stringify(options.rate)}`, EXIT.usage);
  }
  const request = {
    exporter: canonicalName(options.exporter),
    ...(options.from !== undefined && { from: timeOption('--from', options.from) }),
    ...(options.to !== undefined && { to: timeOption('--to', options.to) }),
    ...(options.topic !== undefined && { topic: options.topic }),
    rate,
    dry_run: options.dryRun === true,
  };
  if (request.from && request.to && request.from >= request.to) {
    throw new CommandError('--from is not before --to', EXIT.usage);
  }
  const { operations, running } = await answering(options);
  const answers = await operations.replay(request);
  if (options.json) return printJson(answers);
  const when = running ? 'begins now' : 'begins when the agent starts';
  for (const { id, pipeline, exporter, records } of answers) {
    const what = `${counted(records, 'record')} to ${printable(exporter)} in ${printable(pipeline)}`;
    say(id === null ? `Would send ${what}.` : `Replay ${printable(id)} ${when}: ${what}. \`ledger\` shows it.`);
  }
}

async function list(options: DataOptions): Promise<void> {
  const { operations } = await answering(options);
  const { replays } = await operations.ledger();
  if (options.json) return printJson(replays);
  if (replays.length === 0) return say('There is no replay.');
  process.stdout.write(`${replaysTable(replays).join('\n')}\n`);
}

async function cancel(id: string, options: DataOptions): Promise<void> {
  const { operations } = await answering(options);
  await operations.cancelReplay(id);
  say(`Replay ${printable(id)} is cancelled.`);
}

function replaysTable(replays: readonly ReplayStatus[]): string[] {
  const columns = [
    { title: 'ID' },
    { title: 'DELIVERY' },
    { title: 'STATE' },
    { title: 'PENDING', align: 'right' as const },
    { title: 'DELIVERED', align: 'right' as const },
    { title: 'ASKED FOR' },
  ];
  return table(
    columns,
    replays.map(({ id, pipeline, exporter, state, pending, delivered, request }) => [
      printable(id),
      printable(`${pipeline} ${exporter}`),
      state,
      grouped(pending),
      grouped(delivered),
      printable(request),
    ]),
  );
}
