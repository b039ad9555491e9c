import { systemClock } from '../clock.ts';
import { checkDirectory } from '../journal/file/doctor.ts';
import { printable } from '../telemetry/writer.ts';
import { wantsColour } from './configuration.ts';
import { type DataOptions, dataOf, withDataDirectory } from './data-options.ts';
import { EXIT } from './exit.ts';
import { Command } from './options.ts';
import { counted, jsonText, say, written } from './printing.ts';

const COLOURS = { ok: '\u001b[32m', warning: '\u001b[33m', error: '\u001b[31m' } as const;

export function doctorCommand(): Command {
  return withDataDirectory(new Command('doctor'))
    .description('Checks a data directory, file by file and frame by frame, and says what it found. Changes nothing.')
    .option('--json', 'as JSON, one finding a line')
    .addHelpText('after', '\nExit codes: 0 all is well; 1 there are warnings or errors; 2 the command line is wrong.')
    .action(doctor);
}

async function doctor(options: DataOptions): Promise<void> {
  const { directory } = await dataOf({ data: options.data });
  const colour = wantsColour(process.stdout);
  const found = { ok: 0, warning: 0, error: 0 };
  for await (const finding of checkDirectory({ directory, clock: systemClock })) {
    const { severity, file, message, advice } = finding;
    found[severity]++;
    const label = colour ? `${COLOURS[severity]}${severity.padEnd(7)}\u001b[0m` : severity.padEnd(7);
    const text = options.json
      ? jsonText(finding)
      : `${label}  ${printable(file)}: ${printable(message)}${advice ? `\n         ${printable(advice)}` : ''}`;
    if (!(await written(process.stdout, `${text}\n`))) break;
  }
  const bad = found.warning + found.error;
  if (!options.json) {
    say(
      bad === 0
        ? `${directory} is sound.`
        : `${counted(found.error, 'error')} and ${counted(found.warning, 'warning')} in ${directory}.`,
    );
  }
  if (bad > 0) process.exitCode = EXIT.failed;
}
