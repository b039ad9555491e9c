import { aborted } from '../clock.ts';
import { MAX_TAP_RATE, type Sighting, type TapLine, type TapRequest } from '../control/taps.ts';
import { printable } from '../telemetry/writer.ts';
import { answering } from './answering.ts';
import { wantsColour } from './configuration.ts';
import { type DataOptions, withData } from './data-options.ts';
import { CommandError, EXIT } from './exit.ts';
import { timeOption } from './letter-options.ts';
import { Command } from './options.ts';
import { counted, durationInWords, jsonText, say, written } from './printing.ts';
import { sightingPrinter } from './sighting-text.ts';

interface TailOptions extends DataOptions {
  readonly at?: string;
  readonly pipeline?: string;
  readonly topic?: string;
  readonly from?: string;
  readonly rate: string;
  readonly limit?: string;
}

const RATE = '50';
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const GONE = ['error', 'close'] as const;

export function tailCommand(): Command {
  return withData(new Command('tail'))
    .alias('tap')
    .description(
      'Shows live records of the running agent: as they leave the pipelines, or before and after one processor. They are what customers wrote. Deliveries are not touched.',
    )
    .option('--at <processor>', 'what this processor changes, removes, adds and drops')
    .option('--pipeline <id>', 'of this pipeline; default: each one that has the processor, or an exporter')
    .option('--topic <pattern>', 'with this topic; * stands for any characters')
    .option('--from <time>', 'begin with what the journal has since 2026-01-31T12:00:00Z, or since 2h ago')
    .option('--rate <records>', 'records a second at most; what comes quicker is skipped, and counted', RATE)
    .option('--limit <records>', 'end after so many')
    .option('--json', 'one JSON object a line')
    .action(tail);
}

async function tail(options: TailOptions): Promise<void> {
  const request = requestOf(options);
  const limit = options.limit === undefined ? Number.POSITIVE_INFINITY : number('--limit', options.limit);
  const { operations, running, directory } = await answering(options);
  if (!running) throw new CommandError(`no agent runs in ${directory}: there is nothing live to watch`);
  const left = new AbortController();
  const leave = () => left.abort();
  // A second signal ends the process as it does without us. `| head` has enough, also while nothing comes.
  for (const signal of SIGNALS) process.once(signal, leave);
  for (const event of GONE) process.stdout.once(event, leave);
  const enough = aborted(left.signal).then(() => false);
  const watch = new Watch(options, limit);
  try {
    for await (const line of operations.tap(request, left.signal)) {
      if (!(await Promise.race([watch.take(line), enough]))) break;
    }
  } finally {
    leave();
    for (const signal of SIGNALS) process.off(signal, leave);
    for (const event of GONE) process.stdout.off(event, leave);
    if (watch.begun) say(watch.summary);
  }
  // A reader that reads no more would keep the process alive.
  if (process.stdout.writableNeedDrain) process.exit(EXIT.done);
}

function requestOf({ at, pipeline, topic, from, rate }: TailOptions): TapRequest {
  return {
    ...(at !== undefined && { at }),
    ...(pipeline !== undefined && { pipeline }),
    ...(topic !== undefined && { topic }),
    ...(from !== undefined && { from: timeOption('--from', from) }),
    rate: number('--rate', rate, MAX_TAP_RATE),
  };
}

function number(option: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= most && (option === '--rate' || Number.isInteger(value)))
    return value;
  const bound = most < Number.MAX_SAFE_INTEGER ? ` up to ${most}` : '';
  throw new CommandError(`${option}: expected a number above 0${bound}, got ${JSON.stringify(text)}`, EXIT.usage);
}

/** Prints what comes. Data goes to stdout, the rest to stderr. */
class Watch {
  begun = false;
  readonly #options: TailOptions;
  readonly #limit: number;
  readonly #print: (sighting: Sighting) => string;
  #shown = 0;
  #passed = { skipped: 0, lost: 0, elsewhere: 0 };

  constructor(options: TailOptions, limit: number) {
    this.#options = options;
    this.#limit = limit;
    this.#print = options.json
      ? (sighting) => `${jsonText(sighting)}\n`
      : sightingPrinter({ colour: wantsColour(process.stdout) });
  }

  /** False when nobody wants the rest. */
  async take(line: TapLine): Promise<boolean> {
    switch (line.kind) {
      case 'begun':
        this.begun = true;
        say(this.#beginning(line));
        return true;
      case 'seen':
        this.#shown++;
        return (await written(process.stdout, this.#print(line.sighting))) && this.#shown < this.#limit;
      case 'passed': {
        const skipped = line.skipped - this.#passed.skipped;
        this.#passed = line;
        if (skipped > 0 && !this.#options.json) say(`... ${counted(skipped, 'entry', 'entries')} skipped to keep up`);
        return true;
      }
      case 'reloaded':
        say(`The configuration was reloaded; watching ${line.pipelines.map(printable).join(', ')} by the new one.`);
        return true;
      case 'ended':
        say(printable(line.reason));
        return true;
    }
  }

  get summary(): string {
    const { skipped, lost, elsewhere } = this.#passed;
    return [
      `${counted(this.#shown, 'record')} shown`,
      ...(skipped > 0 ? [`${counted(skipped, 'entry', 'entries')} skipped to keep up`] : []),
      ...(elsewhere > 0
        ? [`${counted(elsewhere, 'entry', 'entries')} did not reach ${printable(this.#options.at ?? '')}`]
        : []),
      ...(lost > 0 ? [`${counted(lost, 'entry', 'entries')} damaged or gone`] : []),
    ].join(', ');
  }

  #beginning({ pipelines, joins_over_ms }: TapLine & { kind: 'begun' }): string {
    const { at } = this.#options;
    const what = at === undefined ? 'Watching what leaves' : `Watching ${printable(at)} in`;
    const joins =
      joins_over_ms > 0 ? ` Records are joined: they show after ${durationInWords(joins_over_ms / 1000)}.` : '';
    return `${what} ${pipelines.map(printable).join(', ')}. Ctrl-C ends it.${joins}`;
  }
}
