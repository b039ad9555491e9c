import { delay, systemClock } from '../clock.ts';
import { OperationError } from '../control/operations.ts';
import { answeringAt } from './answering.ts';
import { wantsColour } from './configuration.ts';
import { type DataOptions, dataOf, withData } from './data-options.ts';
import { CommandError, EXIT } from './exit.ts';
import { ledgerText } from './ledger-table.ts';
import { Command } from './options.ts';
import { jsonText, printJson, say, written } from './printing.ts';

interface LedgerOptions extends DataOptions {
  /** Seconds; true without a number. */
  readonly watch?: string | true;
}

const WATCH_SECONDS = 2;
/** Clears the screen. */
const AFRESH = '\u001b[H\u001b[2J\u001b[3J';

export function ledgerCommand(): Command {
  return withData(new Command('ledger'))
    .description('Counts what became of every record, for each delivery: of the running agent, or of its directory.')
    .option('--json', 'as JSON; with --watch one line each time')
    .option('--watch [seconds]', `again and again, every ${WATCH_SECONDS} s or as given`)
    .action(ledger);
}

async function ledger(options: LedgerOptions): Promise<void> {
  const intervalMs = options.watch === undefined ? undefined : 1000 * secondsOf(options.watch);
  const { directory, config } = await dataOf(options);
  let told = '';
  const tell = (text: string) => {
    if (text !== told) say(text);
    told = text;
  };
  for (;;) {
    // Asked anew each time: an agent may start, or end, meanwhile.
    const { operations } = await answeringAt(directory, config, tell);
    const look = { colour: wantsColour(process.stdout) };
    if (intervalMs === undefined) {
      const found = await operations.ledger();
      if (options.json) printJson(found);
      else process.stdout.write(ledgerText(found, look));
      return;
    }
    try {
      const found = await operations.ledger();
      const time = new Date(systemClock.now()).toISOString();
      const text = options.json
        ? `${jsonText({ time, ...found })}\n`
        : `${process.stdout.isTTY ? AFRESH : ''}${time}\n\n${ledgerText(found, look)}\n`;
      if (!(await written(process.stdout, text))) return;
    } catch (error) {
      // An agent that is just stopping, or starting: who watches wants to see what comes of it.
      if (!(error instanceof OperationError)) throw error;
      say(error.message);
    }
    await delay(systemClock, intervalMs);
  }
}

function secondsOf(watch: string | true): number {
  const seconds = watch === true ? WATCH_SECONDS : Number(watch);
  if (Number.isFinite(seconds) && seconds >= 0.1) return seconds;
  throw new CommandError(`--watch: expected a number of seconds, got "${watch}"`, EXIT.usage);
}
