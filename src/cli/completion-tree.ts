/** What can be typed after the program's name, read from the commands themselves: for completion in shells. */
import type { Command, Option } from 'commander';

export interface CompletedOption {
  /** `-c`, `--config` */
  readonly names: readonly string[];
  readonly description: string;
  /** What follows it: nothing, something, a file, or one of a few words. */
  readonly value: 'none' | 'any' | 'file' | readonly string[];
}

export interface CompletedCommand {
  /** As it is typed: `dead-letters list`; empty for the program itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly path: string; readonly description: string }[];
  readonly options: readonly CompletedOption[];
  /** Words that its first argument may be. */
  readonly words: readonly string[];
  /** It may be a file. */
  readonly takesFile: boolean;
}

/** The program first, then every command, those below a command behind it. */
export function completionTree(program: Command): CompletedCommand[] {
  return tree(program, '');
}

function tree(command: Command, path: string): CompletedCommand[] {
  const help = command.createHelp();
  const below = help.visibleCommands(command).map((inner) => {
    const name = inner.name();
    return { inner, name, path: path === '' ? name : `${path} ${name}` };
  });
  const first = command.registeredArguments[0];
  const self: CompletedCommand = {
    path,
    commands: below.map(({ inner, name, path }) => ({ name, path, description: firstSentence(inner.description()) })),
    options: help.visibleOptions(command).map(optionOf),
    words: first?.argChoices ?? [],
    takesFile: /\bfile\b/.test(first?.description ?? ''),
  };
  return [self, ...below.flatMap(({ inner, path }) => tree(inner, path))];
}

function optionOf({ short, long, flags, description, required, argChoices }: Option): CompletedOption {
  const names = [short, long].filter((name) => name !== undefined);
  const isFile = /<(?:file|directory|uri)>/.test(flags);
  // A value that may be left away is none: what follows can be anything.
  return { names, description, value: !required ? 'none' : (argChoices ?? (isFile ? 'file' : 'any')) };
}

const firstSentence = (text: string) => text.replace(/(?<=[.:;])\s.*$/s, '').replace(/[.:;]$/, '');
