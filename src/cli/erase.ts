import { answering } from './answering.ts';
import { type DataOptions, withData } from './data-options.ts';
import { CommandError, EXIT } from './exit.ts';
import { Command } from './options.ts';
import { counted, printJson, say } from './printing.ts';

export function eraseCommand(): Command {
  return withData(new Command('erase'))
    .description(
      'Overwrites what is stored of a person, in the journal and in the dead letters. What backends have already is theirs to erase.',
    )
    .requiredOption('--contact <id>', "the person's id or e-mail address, as Intercom sends it")
    .option('--dry-run', 'only count')
    .option('--json', 'print the result as JSON')
    .action(erase);
}

async function erase(options: DataOptions & { contact: string; dryRun?: boolean }): Promise<void> {
  const person = options.contact.trim();
  if (person === '') throw new CommandError('--contact: whose? Give an id or an e-mail address', EXIT.usage);
  const { operations } = await answering(options);
  const result = await operations.erase(person, { dry_run: options.dryRun === true });
  if (options.json) return printJson(result);
  const entries = `${counted(result.entries, 'journal entry', 'journal entries')} and ${counted(result.letters, 'dead letter')}`;
  say(options.dryRun ? `Would overwrite ${entries}.` : `Overwrote ${entries}. What was on its way may still arrive.`);
}
