import { Command, CommanderError, type Help } from 'commander';
import { completionCommand } from './completion.ts';
import { componentsCommand } from './components.ts';
import { deadLettersCommand } from './dead-letters.ts';
import { deliveriesCommand } from './deliveries.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { drainCommand } from './drain.ts';
import { eraseCommand } from './erase.ts';
import { CommandError, EXIT } from './exit.ts';
import { initCommand } from './init.ts';
import { ledgerCommand } from './ledger.ts';
import { version } from './package.ts';
import { printConfigCommand } from './print-config.ts';
import { privacyCommand } from './privacy.ts';
import { replayCommand } from './replay.ts';
import { runCommand } from './run.ts';
import { schemaCommand } from './schema.ts';
import { sendCommand } from './send.ts';
import { tailCommand } from './tail.ts';
import { testCommand } from './test.ts';
import { urlsCommand } from './urls.ts';
import { validateCommand } from './validate.ts';

const program = new Command('intercom-otel-agent')
  .description(
    'Receives Intercom webhooks, keeps them durably, and delivers them as OpenTelemetry logs to Coralogix and any OTLP backend.',
  )
  .version(`intercom-otel-agent ${version}`, '-v, --version', 'print the version')
  .configureHelp({ showGlobalOptions: true } as Partial<Help>)
  .showHelpAfterError('(--help shows what there is)')
  .addHelpText('after', '\nExit codes: 0 done; 1 it failed; 2 the command line or the configuration is wrong.')
  .exitOverride();

const COMMANDS = [
  initCommand,
  runCommand,
  validateCommand,
  testCommand,
  printConfigCommand,
  urlsCommand,
  sendCommand,
  demoCommand,
  privacyCommand,
  componentsCommand,
  schemaCommand,
  ledgerCommand,
  tailCommand,
  deadLettersCommand,
  replayCommand,
  deliveriesCommand,
  drainCommand,
  eraseCommand,
  doctorCommand,
  completionCommand,
];
for (const create of COMMANDS) program.addCommand(withRules(create()));

/** A wrong command line is an exception with a hint, also in the commands below a command. */
function withRules(command: Command): Command {
  for (const below of command.commands) withRules(below);
  return command.exitOverride().showHelpAfterError('(--help shows what there is)');
}

// A reader that went away (`| head`) is no reason for a stack trace, nor is a disk without room for the output.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exitCode = EXIT.failed;
});
process.stderr.on('error', () => {});

try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  else {
    const known = error instanceof CommandError;
    process.stderr.write(`intercom-otel-agent: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = known ? error.exitCode : EXIT.failed;
  }
}
