import { Option } from 'commander';
import { systemClock } from '../clock.ts';
import type { LetterFilter } from '../control/operations.ts';
import { parseTime } from '../control/times.ts';
import { CAUSES, type CauseKind } from '../journal/dead-letters.ts';
import { canonicalName } from './delivery-argument.ts';
import { CommandError, EXIT } from './exit.ts';
import { type Command, collect } from './options.ts';

/** The options that say which dead letters. */
export interface FilterOptions {
  readonly id?: readonly string[];
  readonly exporter?: string;
  readonly kind?: string;
  readonly topic?: string;
  readonly since?: string;
  readonly until?: string;
}

export function withFilter(command: Command): Command {
  return command
    .argument('[ids...]', 'ids of letters, as `dead-letters list` prints them')
    .addOption(new Option('--id <id>', 'the same as an argument; may be given several times').argParser(collect))
    .option('--exporter <id>', 'of this exporter, or of "pipeline exporter"')
    .addOption(new Option('--kind <kind>', 'why they are dead letters').choices(CAUSES))
    .option('--topic <pattern>', 'with this topic; * stands for any characters')
    .option('--since <time>', 'dead since then: 2026-01-31T12:00:00Z, or 2h for two hours ago')
    .option('--until <time>', 'dead before then');
}

export function filterOf(arguments_: readonly string[], options: FilterOptions): LetterFilter {
  const ids = [...new Set([...arguments_, ...(options.id ?? [])])];
  for (const id of ids) {
    if (!/^[0-9A-Za-z-]{1,64}$/.test(id))
      throw new CommandError(`${JSON.stringify(id)} is no id of a letter`, EXIT.usage);
  }
  return {
    ...(ids.length > 0 && { ids }),
    ...(options.exporter !== undefined && { delivery: canonicalName(options.exporter) }),
    ...(options.kind !== undefined && { kind: options.kind as CauseKind }),
    ...(options.topic !== undefined && { topic: options.topic }),
    ...(options.since !== undefined && { since: timeOption('--since', options.since) }),
    ...(options.until !== undefined && { until: timeOption('--until', options.until) }),
  };
}

export function isEmpty(filter: LetterFilter): boolean {
  return Object.keys(filter).length === 0;
}

/** As RFC 3339. @throws {CommandError} when it is no time */
export function timeOption(name: string, text: string): string {
  const time = parseTime(text, systemClock.now());
  // Beyond what a Date can hold.
  if (time !== undefined && Math.abs(time) <= 8.64e15) return new Date(time).toISOString();
  throw new CommandError(
    `${name}: expected a time such as 2026-01-31T12:00:00Z, or how long ago such as 90m, 2h or 7d; got ${JSON.stringify(text)}`,
    EXIT.usage,
  );
}
