import { Command, CommanderError, type Help } from 'commander';
import { CommandError, EXIT } from './exit.ts';
import { version } from './package.ts';

const program = new Command('intercom-otel-agent')
  .description(
    'Receives Intercom webhooks, keeps them durably, and delivers them as OpenTelemetry logs to Coralogix and any OTLP backend.',
  )
  .version(`intercom-otel-agent ${version}`, '-v, --version', 'print the version')
  .configureHelp({ showGlobalOptions: true } as Partial<Help>)
  .showHelpAfterError('(--help shows what there is)')
  .addHelpText('after', '\nExit codes: 0 done; 1 it failed; 2 the command line or the configuration is wrong.')
  .exitOverride();

/** Each is loaded when it is asked for: most starts are of one, and a start should cost little. In the order of --help. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import('./init.ts')).initCommand(),
  run: async () => (await import('./run.ts')).runCommand(),
  validate: async () => (await import('./validate.ts')).validateCommand(),
  test: async () => (await import('./test.ts')).testCommand(),
  'print-config': async () => (await import('./print-config.ts')).printConfigCommand(),
  urls: async () => (await import('./urls.ts')).urlsCommand(),
  send: async () => (await import('./send.ts')).sendCommand(),
  demo: async () => (await import('./demo.ts')).demoCommand(),
  privacy: async () => (await import('./privacy.ts')).privacyCommand(),
  components: async () => (await import('./components.ts')).componentsCommand(),
  schema: async () => (await import('./schema.ts')).schemaCommand(),
  ledger: async () => (await import('./ledger.ts')).ledgerCommand(),
  tail: async () => (await import('./tail.ts')).tailCommand(),
  'dead-letters': async () => (await import('./dead-letters.ts')).deadLettersCommand(),
  replay: async () => (await import('./replay.ts')).replayCommand(),
  deliveries: async () => (await import('./deliveries.ts')).deliveriesCommand(),
  drain: async () => (await import('./drain.ts')).drainCommand(),
  erase: async () => (await import('./erase.ts')).eraseCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
  completion: async () => (await import('./completion.ts')).completionCommand(),
};
/** Further names of commands. */
const ALIASES: Readonly<Record<string, string>> = { tap: 'tail' };

const asked = process.argv[2] ?? '';
const one = COMMANDS[ALIASES[asked] ?? asked];
// Help, completion and a mistyped name need all of them.
for (const create of one && asked !== 'completion' ? [one] : Object.values(COMMANDS))
  program.addCommand(withRules(await create()));

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
