import { printable } from '../telemetry/writer.ts';
import { answering } from './answering.ts';
import { type DataOptions, withData } from './data-options.ts';
import { canonicalName, deliveryOf } from './delivery-argument.ts';
import { Command } from './options.ts';
import { counted, grouped, printJson, say, table } from './printing.ts';

const NAME = '"pipeline exporter", or the exporter alone where it is in one pipeline';

export function deliveriesCommand(): Command {
  const subcommand = (name: string) => withData(new Command(name));
  return new Command('deliveries')
    .description('Looks after deliveries: those that are stuck, and those whose exporter left the configuration.')
    .addCommand(
      subcommand('list')
        .description('Lists the deliveries by name, with their state and what is pending.')
        .option('--json', 'as JSON')
        .action(list),
    )
    .addCommand(
      subcommand('rename')
        .description('Hands the backlog, the counts and the dead letters of an orphan to another exporter.')
        .argument('<old>', NAME)
        .argument('<new>', '"pipeline exporter", or the exporter alone: in the same pipeline')
        .action(rename),
    )
    .addCommand(
      subcommand('forget')
        .description('Gives an orphan up, with its counts. What it has not delivered is not delivered.')
        .argument('<name>', NAME)
        .option('--json', 'print the result as JSON')
        .action(forget),
    )
    .addCommand(
      subcommand('skip')
        .description('Settles what is pending now at a delivery without sending it: as dead letters, or for good.')
        .argument('<name>', NAME)
        .option('--discard', 'no dead letters: what is pending is given up for ever and counted as expired')
        .option('--json', 'print the result as JSON')
        .action(skip),
    );
}

async function list(options: DataOptions): Promise<void> {
  const { operations } = await answering(options);
  const { deliveries } = await operations.ledger();
  if (options.json) {
    return printJson(
      deliveries.map((delivery) => ({ name: `${delivery.pipeline} ${delivery.exporter}`, ...delivery })),
    );
  }
  if (deliveries.length === 0) return say('There is no delivery.');
  const columns = [
    { title: 'NAME' },
    { title: 'STATE' },
    { title: 'PENDING', align: 'right' as const },
    { title: 'REASON' },
  ];
  const rows = deliveries.map(({ pipeline, exporter, state, pending, reason }) => [
    printable(`"${pipeline} ${exporter}"`),
    state,
    grouped(pending),
    printable(reason ?? ''),
  ]);
  process.stdout.write(`${table(columns, rows).join('\n')}\n`);
}

async function rename(from: string, to: string, options: DataOptions): Promise<void> {
  const { operations } = await answering(options);
  const old = await deliveryOf(operations, from);
  const wanted = canonicalName(to);
  const name = wanted.includes(' ') ? wanted : `${old.pipeline} ${wanted}`;
  await operations.renameDelivery(old.name, name);
  say(`"${printable(old.name)}" is "${printable(name)}" now, with ${counted(old.pending, 'record')} pending.`);
}

async function forget(text: string, options: DataOptions): Promise<void> {
  const { operations } = await answering(options);
  const { name } = await deliveryOf(operations, text);
  const result = await operations.forgetDelivery(name);
  if (options.json) return printJson(result);
  say(`"${printable(name)}" is forgotten; ${counted(result.undelivered, 'record')} of it will not be delivered.`);
}

async function skip(text: string, options: DataOptions & { discard?: boolean }): Promise<void> {
  const { operations } = await answering(options);
  const { name } = await deliveryOf(operations, text);
  const discard = options.discard === true;
  const result = await operations.skipDelivery(name, { discard });
  if (options.json) return printJson(result);
  const became = discard ? 'given up' : 'made dead letters (`dead-letters retry` sends them after all)';
  say(
    `${counted(result.records, 'record')} of "${printable(name)}" ${result.records === 1 ? 'was' : 'were'} ${became}.`,
  );
}
