import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Letter, LetterDetails, LetterFilter } from '../control/operations.ts';
import { printable } from '../telemetry/writer.ts';
import { answering } from './answering.ts';
import { type DataOptions, withData } from './data-options.ts';
import { CommandError, EXIT } from './exit.ts';
import { type FilterOptions, filterOf, isEmpty, withFilter } from './letter-options.ts';
import { Command } from './options.ts';
import { bytesInWords, counted, jsonText, printableLines, printJson, say, table, written } from './printing.ts';

type Options = DataOptions & FilterOptions;

export function deadLettersCommand(): Command {
  const subcommand = (name: string) => withFilter(withData(new Command(name)));
  return new Command('dead-letters')
    .description('What no backend would take: list, read, send again, take away, give up.')
    .addCommand(
      subcommand('list')
        .description('Lists dead letters, oldest first. All conditions must hold; without any: all letters.')
        .option('--json', 'as JSON')
        .action(list),
    )
    .addCommand(
      subcommand('show')
        .description('Shows dead letters whole: why, what the backend wrote, the record, the notification.')
        .option('--json', 'as JSON, one letter a line')
        .action(show),
    )
    .addCommand(
      subcommand('retry')
        .description('Sends dead letters again, through the present configuration.')
        .option('--all', 'every letter there is')
        .option('--json', 'print the result as JSON')
        .action(retry),
    )
    .addCommand(
      subcommand('export')
        .description('Writes dead letters as JSON, one a line, and keeps them.')
        .option('-o, --output <file>', 'into this new file, readable for you alone, instead of standard output')
        .action(exportLetters),
    )
    .addCommand(
      subcommand('discard')
        .description('Gives dead letters up for ever. Without --yes it only says which.')
        .option('--all', 'every letter there is')
        .option('--yes', 'do it')
        .option('--json', 'print the result as JSON')
        .action(discard),
    );
}

async function list(ids: readonly string[], options: Options): Promise<void> {
  const filter = filterOf(ids, options);
  const { operations } = await answering(options);
  const letters = await operations.letters(filter);
  if (options.json) printJson(letters);
  else if (letters.length === 0) say('No dead letter matches.');
  else await written(process.stdout, `${lettersTable(letters).join('\n')}\n`);
}

async function show(ids: readonly string[], options: Options): Promise<void> {
  const filter = filterOf(ids, options);
  if (isEmpty(filter)) throw new CommandError('which one? Give ids or a filter', EXIT.usage);
  const { operations } = await answering(options);
  let shown = 0;
  for await (const letter of operations.letterDetails(filter)) {
    const text = options.json ? `${jsonText(letter)}\n` : `${shown > 0 ? '\n' : ''}${letterText(letter)}`;
    if (!(await written(process.stdout, text))) return;
    shown++;
  }
  if (shown === 0) say('No dead letter matches.');
}

async function retry(ids: readonly string[], options: Options & { all?: boolean }): Promise<void> {
  const filter = narrowed(ids, options);
  const { operations, running } = await answering(options);
  const result = await operations.retryLetters(filter);
  if (options.json) printJson(result);
  else {
    const when = running ? 'now' : 'when the agent starts';
    say(`${counted(result.letters, 'letter')} to be sent again ${when}. \`ledger\` counts them as pending.`);
  }
  if (result.left) {
    say(
      `${counted(result.left, 'letter')} stayed: nobody delivers for their exporter any more. They can be exported or discarded.`,
    );
  }
}

async function exportLetters(ids: readonly string[], options: Options & { output?: string }): Promise<void> {
  const filter = filterOf(ids, options);
  const { operations } = await answering(options);
  const output = options.output === undefined ? process.stdout : await newFile(options.output);
  let letters = 0;
  for await (const letter of operations.letterDetails(filter)) {
    if (!(await written(output, `${jsonText(letter)}\n`))) break;
    letters++;
  }
  if (output === process.stdout) return;
  output.end();
  await finished(output).catch((error: unknown) => {
    throw new CommandError(`${options.output}: ${error instanceof Error ? error.message : String(error)}`);
  });
  say(`${counted(letters, 'letter')} written to ${options.output}.`);
}

async function discard(ids: readonly string[], options: Options & { all?: boolean; yes?: boolean }): Promise<void> {
  const filter = narrowed(ids, options);
  const { operations } = await answering(options);
  if (!options.yes) {
    const letters = await operations.letters(filter);
    if (options.json) printJson({ letters: 0, would_discard: letters.map(({ id }) => id) });
    else {
      if (letters.length > 0) await written(process.stdout, `${lettersTable(letters).join('\n')}\n`);
      say(`${counted(letters.length, 'letter')} would be discarded for ever. Add --yes to do it.`);
    }
    return;
  }
  const result = await operations.discardLetters(filter);
  if (options.json) printJson(result);
  else say(`${counted(result.letters, 'letter')} discarded.`);
}

/** What changes letters is told which: by a filter, or in so many words. */
function narrowed(ids: readonly string[], options: FilterOptions & { all?: boolean }): LetterFilter {
  const filter = filterOf(ids, options);
  if (isEmpty(filter) && !options.all) {
    throw new CommandError('which ones? Give ids or a filter, or --all for every dead letter', EXIT.usage);
  }
  if (!isEmpty(filter) && options.all) throw new CommandError('--all and a filter contradict each other', EXIT.usage);
  return filter;
}

/** @throws {CommandError} when it exists: what lies there may be the only copy of something */
async function newFile(path: string) {
  const stream = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  await once(stream, 'open').catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(
      `--output: ${path}: ${error.code === 'EEXIST' ? 'the file exists already' : error.message}`,
      EXIT.usage,
    );
  });
  // Told when it is finished.
  stream.on('error', () => {});
  return stream;
}

function lettersTable(letters: readonly Letter[]): string[] {
  const columns = [
    { title: 'ID' },
    { title: 'DEAD SINCE' },
    { title: 'DELIVERY' },
    { title: 'KIND' },
    { title: 'TOPIC' },
    { title: 'REASON' },
  ];
  return table(
    columns,
    letters.map(({ id, at, pipeline, exporter, kind, topic, reason, retrying }) =>
      [
        id,
        `${at.slice(0, 19)}Z`,
        `${pipeline} ${exporter}`,
        retrying ? `${kind}, to be sent again` : kind,
        topic ?? '-',
        reason,
      ].map(printable),
    ),
  );
}

function letterText(letter: LetterDetails): string {
  const facts = [
    ['delivery', `${letter.pipeline} ${letter.exporter}, position ${letter.position}`],
    ['why', `${letter.kind}: ${letter.reason}`],
    ['dead since', `${letter.at}, after ${counted(letter.attempts, 'attempt')}`],
    ['received', `${letter.received_at} by ${letter.source}`],
    ['topic', letter.topic ?? '-'],
    ['size', `${counted(letter.records, 'record')}, ${bytesInWords(letter.bytes)}`],
    ...(letter.retrying ? [['state', 'to be sent again']] : []),
    ...Object.entries(letter.metadata),
  ];
  const parts = [
    `Letter ${printable(letter.id)}`,
    ...facts.map(([name = '', value = '']) => `  ${printable(name).padEnd(16)} ${printable(value)}`),
    ...block('The backend wrote', letter.answer),
    ...block('The record', letter.record === null ? null : JSON.stringify(letter.record, null, 2)),
    ...block(
      letter.body_encoding === 'utf8' ? 'The notification' : 'The notification, in base64 for it is no UTF-8',
      letter.body,
    ),
  ];
  return `${parts.join('\n')}\n`;
}

function block(title: string, text: string | null): string[] {
  if (text === null || text === '') return [];
  return [
    `${title}:`,
    ...printableLines(text)
      .split('\n')
      .map((line) => `  ${line}`),
  ];
}
