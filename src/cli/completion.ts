import { Argument } from 'commander';
import { SHELLS } from './completion-scripts.ts';
import { completionTree } from './completion-tree.ts';
import { Command } from './options.ts';
import { packageName } from './package.ts';

export function completionCommand(): Command {
  return new Command('completion')
    .description('Prints a script with which a shell completes commands and options.')
    .addArgument(new Argument('<shell>', 'the shell that is to read it').choices(Object.keys(SHELLS)))
    .addHelpText(
      'after',
      `
For this session, or in the file that the shell reads at its start:
  bash  source <(${packageName} completion bash)
  zsh   source <(${packageName} completion zsh)
  fish  ${packageName} completion fish | source`,
    )
    .action((shell: keyof typeof SHELLS, _options: object, command: Command) => {
      process.stdout.write(SHELLS[shell](packageName, completionTree(command.parent ?? command)));
    });
}
